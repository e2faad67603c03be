//! The page's door to the server. Each function is one POST or GET under `/fn`; its body says which verb of
//! `server::calls` does it. Rendering on the server calls the bodies directly, so each of them checks who asks.

mod change;
mod check;
mod insights;
mod lab;
mod lab_wire;
mod read;
mod session;
mod settings;
mod webhooks;
mod wire;

pub use change::{
    ActOnCall, ActOnCalls, AddNote, CreateCall, EditCall, SetPaused, act_on_call, act_on_calls, add_note,
    create_call, edit_call, set_paused,
};
pub use check::{CheckCall, check_call};
pub use insights::{InsightsView, PresetLink, list_time_zones, read_insights};
pub use lab::{ActInLab, act_in_lab, get_lab};
pub use lab_wire::{LabChoice, LabDeed, LabForm, LabNumber, LabOrder, LabPage, LabSent, LabView};
pub use read::{edit_defaults, form_defaults, get_call, list_calls, read_underway};
pub use session::{SignIn, SignOut, sign_in, sign_out};
pub use settings::{ChooseTheme, choose_theme, read_installation};
pub use webhooks::{
    ActOnEndpoint, CreateEndpoint, EditEndpoint, ReplayDelivery, act_on_endpoint, create_endpoint,
    edit_endpoint, get_endpoint, list_endpoints, replay_delivery,
};
pub use wire::{CallPage, CallView, EditDefaults, EndpointPage, FormDefaults, Underway};
