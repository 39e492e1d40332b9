//! Pages for officers and owners, one noun or one act a file.

pub mod access_log;
pub mod accounts;
pub mod assets;
pub mod case_new;
pub mod case_view;
pub mod coverage;
pub mod demo_sign_in;
pub mod distancing;
pub mod forms;
pub mod gates;
pub mod home;
pub mod join;
pub mod key_officers;
pub mod openings;
pub mod owner;
pub mod place_edit;
pub mod place_new;
pub mod places;
pub mod posters;
pub mod privacy;
pub mod sign_in;
pub mod weekly;
