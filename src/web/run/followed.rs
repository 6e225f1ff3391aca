//! The runs that are followed in this program: cancelling a prompt through one handle ends all of them, and an id that one
//! of them has is not submitted again.

use std::cell::RefCell;
use std::rc::Rc;

use crate::session::run::input::Input;
use crate::web::http::server::Server;
use crate::web::transport::link::RunLink;

struct Followed {
    /// The address of the server.
    base: String,
    prompt_id: Rc<str>,
    /// None of a submission that claims the id.
    run: Option<RunLink>,
}

thread_local! {
    static FOLLOWED: RefCell<Vec<Followed>> = const { RefCell::new(Vec::new()) };
}

pub fn join(server: &Server, prompt_id: Rc<str>, run: RunLink) {
    let base = server.address.base();
    FOLLOWED.with_borrow_mut(|followed| followed.push(Followed { base, prompt_id, run: Some(run) }));
}

pub fn leave(run: &RunLink) {
    FOLLOWED.with_borrow_mut(|followed| followed.retain(|one| one.run.as_ref() != Some(run)));
}

/// An id that a submission uses; others may use it once this is dropped.
pub struct Claim(Rc<str>);

impl Claim {
    /// None where a submission or a run that is followed has the id: their frames and results could not be told apart.
    pub fn new(server: &Server, prompt_id: &str) -> Option<Claim> {
        let base = server.address.base();
        FOLLOWED.with_borrow_mut(|followed| {
            if followed.iter().any(|one| *one.prompt_id == *prompt_id && one.base == base) {
                return None;
            }
            let prompt_id = Rc::<str>::from(prompt_id);
            followed.push(Followed { base, prompt_id: prompt_id.clone(), run: None });
            Some(Claim(prompt_id))
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        FOLLOWED.with_borrow_mut(|followed| followed.retain(|one| !Rc::ptr_eq(&one.prompt_id, &self.0)));
    }
}

/// Ends the runs of a prompt that is being cancelled as `interrupted`.
pub fn tell_cancelled(server: &Server, prompt_id: &str) {
    let base = server.address.base();
    let is_of_prompt = |one: &&Followed| *one.prompt_id == *prompt_id && one.base == base;
    let runs: Vec<RunLink> = FOLLOWED
        .with_borrow(|followed| followed.iter().filter(is_of_prompt).filter_map(|one| one.run.clone()).collect());
    runs.iter().for_each(|run| run.0.receive(Input::Cancelled));
}
