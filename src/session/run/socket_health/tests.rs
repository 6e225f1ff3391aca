use super::*;

fn opened(at: f64) -> SocketHealth {
    let mut socket = SocketHealth::new(true, false, 7, at);
    socket.opened(at);
    socket
}

#[test]
fn the_backoff_doubles_up_to_its_limit_and_is_jittered() {
    let mut socket = SocketHealth::new(true, false, 7, 0.0);
    let mut expected: f64 = 250.0;
    for _ in 0..12 {
        socket.closed(1000.0);
        let wait = socket.poll_timeout().unwrap() - 1000.0;
        assert!(wait >= expected / 2.0 && wait <= expected, "{wait} of {expected}");
        expected = (expected * 2.0).min(LONGEST_BACKOFF_MS);
    }
}

#[test]
fn neighbouring_seeds_come_back_at_different_times() {
    let retry = |seed| {
        let mut socket = SocketHealth::new(true, false, seed, 0.0);
        (0..8).for_each(|_| socket.closed(0.0));
        socket.poll_timeout().unwrap()
    };
    let mut times: Vec<f64> = (0..100).map(retry).collect();
    times.sort_by(f64::total_cmp);
    assert!(times[10] < 6000.0 && times[90] > 9000.0, "{times:?}");
}

#[test]
fn a_connection_that_lasted_starts_the_backoff_anew() {
    let mut socket = SocketHealth::new(true, false, 7, 0.0);
    (0..5).for_each(|_| socket.closed(0.0));
    socket.opened(0.0);
    socket.closed(STABLE_MS);
    assert_eq!(socket.attempt, 1);
}

#[test]
fn a_queue_change_without_a_status_tells_a_stale_socket_once_the_status_had_time_to_come() {
    let mut socket = opened(0.0);
    socket.spoke(100.0);
    assert!(!socket.is_stale(600.0, Some(50.0), 5000.0), "a word came after the queue was last asked");
    assert!(!socket.is_stale(1100.0, Some(500.0), 5000.0), "it may be on its way");
    assert!(!socket.is_stale(1600.0, None, 5000.0));
    assert!(socket.is_stale(1100.0 + STATUS_DELAY_MS, None, 5000.0));
    socket.spoke(3200.0);
    assert!(!socket.is_stale(9000.0, None, 5000.0));
}

#[test]
fn only_a_socket_that_took_over_is_suspected_for_its_silence() {
    let mut socket = opened(0.0);
    assert!(!socket.is_stale(6000.0, None, 5000.0));
    socket.closed(0.0);
    socket.opened(0.0);
    assert!(socket.is_stale(6000.0, None, 5000.0));
    socket.replaced(6000.0);
    socket.opened(6000.0);
    assert!(!socket.is_stale(12_000.0, None, 5000.0), "the second time it is given longer");
}

#[test]
fn a_socket_that_follows_a_drop_is_suspected_once_although_it_has_spoken() {
    let mut socket = opened(0.0);
    socket.closed(0.0);
    socket.opened(0.0);
    socket.spoke(3_000.0);
    assert!(!socket.is_stale(7_900.0, None, 5000.0), "its silence is shorter than the idle timeout");
    assert!(socket.is_stale(8_000.0, None, 5000.0));
    socket.replaced(8_000.0);
    socket.opened(8_100.0);
    socket.spoke(8_200.0);
    assert!(!socket.is_stale(30_000.0, None, 5000.0), "the replacement came after a clean close");
}

#[test]
fn a_very_long_silence_is_doubted_without_a_sign_and_then_for_twice_as_long() {
    let mut socket = opened(0.0);
    socket.spoke(1_000.0);
    assert!(!socket.is_stale(60_000.0, None, 5000.0));
    assert!(socket.is_stale(61_000.0, None, 5000.0));
    socket.replaced(61_000.0);
    socket.opened(61_000.0);
    assert!(socket.is_long_silent(121_000.0, 5000.0));
    socket.took_over = false;
    assert!(!socket.is_stale(180_000.0, None, 5000.0) && socket.is_stale(181_000.0, None, 5000.0));
}

#[test]
fn a_socket_that_does_not_come_to_open_is_tried_anew() {
    let mut socket = SocketHealth::new(true, false, 7, 100.0);
    assert_eq!(socket.poll_timeout(), Some(100.0 + CONNECT_TIMEOUT_MS));
    socket.replaced(20_100.0);
    assert_eq!((socket.attempt, socket.poll_timeout()), (1, Some(20_100.0 + CONNECT_TIMEOUT_MS)));
}
