//! The pool of servers: rules one by one, and stories of three servers with faults in virtual time.

mod stories;

use comfyui_autoflow::session::pool::{Effect, Ending, Input, JobId, Pool, ProbeAnswer, Refusal, ServerId, State};

const A: ServerId = ServerId(0);
const B: ServerId = ServerId(1);

fn effects(pool: &mut Pool) -> Vec<Effect> {
    std::iter::from_fn(|| pool.poll_effect()).collect()
}

/// A pool whose servers have answered.
fn ready(limits: &[(ServerId, usize)]) -> Pool {
    let mut pool = Pool::new(1);
    for &(server, limit) in limits {
        pool.handle(0.0, Input::ServerAdded { server, limit });
        pool.handle(0.0, Input::Probed { server, answer: ProbeAnswer::Waiting(0) });
    }
    effects(&mut pool);
    pool
}

fn job(number: u32) -> Input {
    Input::JobAdded { job: JobId(number), priority: 0.0, chooses: false }
}

fn started(effects: &[Effect]) -> Vec<(u32, ServerId)> {
    let start = |effect: &Effect| match effect {
        Effect::Start { job, server } => Some((job.0, *server)),
        _ => None,
    };
    effects.iter().filter_map(start).collect()
}

fn ended(pool: &mut Pool, at: f64, number: u32, ending: Ending) -> Vec<Effect> {
    pool.handle(at, Input::JobEnded { job: JobId(number), ending });
    effects(pool)
}

#[test]
fn a_server_is_asked_before_it_gets_a_job() {
    let mut pool = Pool::new(1);
    pool.handle(0.0, Input::ServerAdded { server: A, limit: 1 });
    pool.handle(0.0, job(1));
    assert_eq!(effects(&mut pool), [Effect::Probe(A)]);
    pool.handle(5.0, Input::Probed { server: A, answer: ProbeAnswer::Waiting(0) });
    assert_eq!(started(&effects(&mut pool)), [(1, A)]);
    assert_eq!(pool.state(A), Some(State::Busy));
}

#[test]
fn a_server_gets_as_many_jobs_as_its_limit_allows() {
    let mut pool = ready(&[(A, 2)]);
    (1..=4).for_each(|number| pool.handle(1.0, job(number)));
    assert_eq!(started(&effects(&mut pool)), [(1, A), (2, A)]);
    assert_eq!(started(&ended(&mut pool, 2.0, 2, Ending::Settled)), [(3, A)]);
    assert_eq!(pool.waiting(), 1);
}

#[test]
fn a_higher_priority_goes_first_and_equal_ones_in_their_order() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(1.0, job(1));
    pool.handle(1.0, job(2));
    pool.handle(1.0, Input::JobAdded { job: JobId(3), priority: 5.0, chooses: false });
    pool.handle(1.0, job(4));
    effects(&mut pool);
    let order: Vec<_> =
        [1, 3, 2].iter().flat_map(|&number| started(&ended(&mut pool, 2.0, number, Ending::Settled))).collect();
    assert_eq!(order, [(3, A), (2, A), (4, A)]);
}

#[test]
fn the_server_with_the_fewest_prompts_waiting_is_next() {
    let mut pool = Pool::new(1);
    for (server, count) in [(A, 7), (B, 2)] {
        pool.handle(0.0, Input::ServerAdded { server, limit: 1 });
        pool.handle(0.0, Input::Probed { server, answer: ProbeAnswer::Waiting(count) });
    }
    effects(&mut pool);
    pool.handle(1.0, job(1));
    assert_eq!(started(&effects(&mut pool)), [(1, B)]);
}

#[test]
fn old_counts_are_asked_for_anew_where_there_is_a_choice() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(60_000.0, job(1));
    assert_eq!(effects(&mut pool), [Effect::Probe(A), Effect::Probe(B)]);
    pool.handle(60_010.0, Input::Probed { server: A, answer: ProbeAnswer::Waiting(3) });
    assert_eq!(started(&effects(&mut pool)), []);
    pool.handle(60_020.0, Input::Probed { server: B, answer: ProbeAnswer::Waiting(0) });
    assert_eq!(started(&effects(&mut pool)), [(1, B)]);
}

#[test]
fn a_job_that_no_server_took_starts_again_elsewhere() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(1.0, job(1));
    assert_eq!(started(&effects(&mut pool)), [(1, A)]);
    let after = ended(&mut pool, 2.0, 1, Ending::Unreachable { taken: false });
    assert_eq!(started(&after), [(1, B)]);
    assert!(after.contains(&Effect::StateChanged { server: A, state: State::Down }));
}

#[test]
fn a_job_whose_prompt_may_have_been_taken_never_starts_again() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(1.0, job(1));
    effects(&mut pool);
    assert_eq!(started(&ended(&mut pool, 2.0, 1, Ending::Unreachable { taken: true })), []);
    assert_eq!(pool.waiting(), 0);
}

#[test]
fn a_server_that_cannot_be_reached_is_asked_again_with_backoff() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(1.0, job(1));
    effects(&mut pool);
    ended(&mut pool, 2.0, 1, Ending::Unreachable { taken: false });
    let mut waits = Vec::new();
    let mut now = 2.0;
    for _ in 0..10 {
        let at = pool.poll_timeout().expect("a time to ask again");
        waits.push(at - now);
        now = at;
        pool.handle(now, Input::Timeout);
        assert_eq!(effects(&mut pool), [Effect::Probe(A)]);
        assert_eq!(pool.poll_timeout(), None, "it is asked once at a time");
        pool.handle(now, Input::Probed { server: A, answer: ProbeAnswer::Unreachable });
    }
    assert!(waits[0] <= 1_000.0 && waits[4] > waits[0] && waits.iter().all(|wait| *wait <= 60_000.0), "{waits:?}");
    pool.handle(now, Input::Probed { server: A, answer: ProbeAnswer::Waiting(0) });
    assert_eq!(started(&effects(&mut pool)), [(1, A)]);
}

#[test]
fn a_server_that_refuses_the_login_is_out_and_says_so() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(1.0, job(1));
    effects(&mut pool);
    let after = ended(&mut pool, 2.0, 1, Ending::Unauthorized { taken: false });
    assert!(after.contains(&Effect::StateChanged { server: A, state: State::Unauthorized }));
    assert!(after.contains(&Effect::Refuse { job: JobId(1), reason: Refusal::Failed }));
    pool.handle(3.0, job(2));
    assert_eq!(effects(&mut pool), [Effect::Refuse { job: JobId(2), reason: Refusal::NoServer }]);
}

#[test]
fn a_job_runs_where_its_caller_says_that_it_can() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(1.0, Input::JobAdded { job: JobId(1), priority: 0.0, chooses: true });
    let asked = [A, B].map(|server| Effect::AskSuits { job: JobId(1), server });
    assert_eq!(effects(&mut pool), asked);
    pool.handle(2.0, Input::Suits { job: JobId(1), server: A, suits: Some(false) });
    assert_eq!(effects(&mut pool), []);
    pool.handle(3.0, Input::Suits { job: JobId(1), server: B, suits: Some(true) });
    assert_eq!(started(&effects(&mut pool)), [(1, B)]);
}

#[test]
fn a_job_that_suits_no_server_is_refused() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(1.0, Input::JobAdded { job: JobId(1), priority: 0.0, chooses: true });
    effects(&mut pool);
    pool.handle(2.0, Input::Suits { job: JobId(1), server: A, suits: Some(false) });
    assert_eq!(effects(&mut pool), [Effect::Refuse { job: JobId(1), reason: Refusal::NoneSuits }]);
}

#[test]
fn an_answer_that_comes_while_the_job_runs_counts_when_it_has_to_start_again() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(1.0, job(1));
    pool.handle(1.0, Input::JobAdded { job: JobId(2), priority: 0.0, chooses: true });
    effects(&mut pool);
    pool.handle(2.0, Input::Suits { job: JobId(2), server: B, suits: Some(true) });
    effects(&mut pool);
    // A is free again and asked for, but B has started the job meanwhile.
    ended(&mut pool, 3.0, 1, Ending::Settled);
    pool.handle(4.0, Input::Suits { job: JobId(2), server: A, suits: Some(true) });
    assert_eq!(started(&ended(&mut pool, 5.0, 2, Ending::Unreachable { taken: false })), [(2, A)]);
}

#[test]
fn a_job_that_waits_for_an_answer_keeps_no_other_from_starting() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(1.0, Input::JobAdded { job: JobId(1), priority: 9.0, chooses: true });
    pool.handle(1.0, job(2));
    assert_eq!(started(&effects(&mut pool)), [(2, A)]);
}

#[test]
fn a_job_that_fails_again_and_again_before_it_is_taken_is_given_up() {
    let mut pool = ready(&[(A, 1)]);
    pool.handle(0.0, job(1));
    let mut now = 0.0;
    let mut starts = started(&effects(&mut pool)).len();
    let refused = loop {
        let mut after = ended(&mut pool, now, 1, Ending::Unreachable { taken: false });
        if let Some(at) = pool.poll_timeout() {
            now = at;
            pool.handle(now, Input::Timeout);
            pool.handle(now, Input::Probed { server: A, answer: ProbeAnswer::Waiting(0) });
            after.extend(effects(&mut pool));
        }
        starts += started(&after).len();
        if let Some(refused) = after.into_iter().find(|effect| matches!(effect, Effect::Refuse { .. })) {
            break refused;
        }
        assert!(starts < 100, "it is started for ever");
    };
    assert_eq!((starts, refused), (3, Effect::Refuse { job: JobId(1), reason: Refusal::Failed }));
}

#[test]
fn a_server_that_is_removed_gets_no_more_jobs() {
    let mut pool = ready(&[(A, 1), (B, 1)]);
    pool.handle(1.0, job(1));
    assert_eq!(started(&effects(&mut pool)), [(1, A)]);
    pool.handle(2.0, Input::ServerRemoved(A));
    pool.handle(2.0, job(2));
    pool.handle(2.0, job(3));
    assert_eq!(started(&effects(&mut pool)), [(2, B)]);
    assert_eq!(started(&ended(&mut pool, 3.0, 1, Ending::Settled)), []);
    assert_eq!(started(&ended(&mut pool, 4.0, 2, Ending::Settled)), [(3, B)]);
}
