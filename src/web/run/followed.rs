//! The runs that are followed in this program, so that cancelling a prompt through one handle ends all of them.

use std::cell::RefCell;
use std::rc::Rc;

use crate::session::run::input::Input;
use crate::web::http::server::Server;
use crate::web::transport::link::RunLink;

struct Followed {
    /// The address of the server.
    base: String,
    prompt_id: Rc<str>,
    run: RunLink,
}

thread_local! {
    static FOLLOWED: RefCell<Vec<Followed>> = const { RefCell::new(Vec::new()) };
}

pub fn join(server: &Server, prompt_id: Rc<str>, run: RunLink) {
    let base = server.address.base();
    FOLLOWED.with_borrow_mut(|followed| followed.push(Followed { base, prompt_id, run }));
}

pub fn leave(run: &RunLink) {
    FOLLOWED.with_borrow_mut(|followed| followed.retain(|one| one.run != *run));
}

/// Ends the runs of a prompt that is being cancelled as `interrupted`.
pub fn tell_cancelled(server: &Server, prompt_id: &str) {
    let base = server.address.base();
    let is_of_prompt = |one: &&Followed| *one.prompt_id == *prompt_id && one.base == base;
    let runs: Vec<RunLink> =
        FOLLOWED.with_borrow(|followed| followed.iter().filter(is_of_prompt).map(|one| one.run.clone()).collect());
    runs.iter().for_each(|run| run.0.receive(Input::Cancelled));
}
