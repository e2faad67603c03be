//! One file per route. A page owns its resources, its forms, its title, and what it says when there is nothing,
//! when something failed and while it loads.

mod action;
mod awaited;
mod bulk;
mod call;
mod call_keys;
mod call_list;
mod calls;
mod deed;
mod edit_call;
mod failure;
mod form_help;
mod insights;
mod insights_form;
mod lab;
mod lab_numbers;
mod lab_orders;
mod lab_parts;
mod lab_seen;
mod lab_sent;
mod live_title;
mod login;
mod new_call;
mod new_call_panel;
mod not_found;
mod settings;
mod shown;
pub mod site;
mod turning;
mod webhook;
mod webhook_parts;
mod webhooks;

pub use action::forget_error_in_address;
pub use turning::Pages;
