//! What pages are made of: props in, view out, no server calls.
//!
//! A component says nothing about the clock, the locale or chance in its view: what the server renders and what
//! the browser hydrates is the same, and only effects, which run in the browser alone, change it afterwards.

pub mod announcer;
pub mod attempt_cards;
pub mod boxes;
pub mod bulk_bar;
pub mod by_id;
pub mod call_facts;
pub mod call_fields;
pub mod call_row;
pub mod call_table;
pub mod choice_field;
pub mod clock;
pub mod command_menu;
pub mod compact;
pub mod copy_button;
pub mod customer_choice;
pub mod delivery_list;
pub mod dispatch_stops;
pub mod draft;
pub mod empty_state;
pub mod endpoint_fields;
pub mod endpoint_state;
pub mod error_summary;
pub mod event_words;
pub mod field_errors;
pub mod filter_bar;
pub mod follow;
pub mod form_help;
pub mod form_values;
pub mod layout;
pub mod live_chip;
pub mod notice;
pub mod number_typing;
pub mod page_title;
pub mod pager;
pub mod phase_tabs;
pub mod poll;
pub mod press;
pub mod sample_numbers;
pub mod saved_views;
pub mod scroll_memory;
pub mod setting_list;
pub mod shortcuts;
pub mod skeleton;
pub mod status_badge;
pub mod status_code;
pub mod steadiness;
pub mod text_field;
pub mod theme_choice;
pub mod time;
pub mod time_fields;
pub mod timeline;
pub mod toast;
