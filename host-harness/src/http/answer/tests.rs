//! Both ends of an answer.

use super::*;

fn buffer(ahead_bytes_max: usize, bytes_max: u64) -> Arc<Buffer> {
    Arc::new(Buffer::new(Arc::default(), ahead_bytes_max, bytes_max, None))
}

fn head() -> Head {
    Head { status: 200, headers: Vec::new() }
}

#[tokio::test]
async fn pieces_are_taken_as_they_came_and_no_larger_than_asked() {
    let buffer = buffer(100, 100);
    let answer = Answer(buffer.clone());
    assert!(buffer.take_piece(9).is_none());
    answer.head(head()).unwrap();
    answer.piece("abcde".into()).await.unwrap();
    answer.piece("fg".into()).await.unwrap();
    buffer.finish(Ok(()));
    let taken = [3, 3, 3, 3, 3].map(|max| buffer.take_piece(max).unwrap().unwrap());
    assert_eq!(taken, ["abc", "de", "fg", "", ""].map(Bytes::from));
}

#[tokio::test]
async fn a_transport_waits_while_enough_is_read_ahead() {
    let buffer = buffer(4, 100);
    let answer = Answer(buffer.clone());
    answer.piece("abcdef".into()).await.unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(20), answer.piece("g".into())).await;
    assert!(waits.is_err(), "a full buffer took more");
    buffer.take_piece(9).unwrap().unwrap();
    answer.piece("g".into()).await.unwrap();
}

#[test]
fn only_the_time_that_the_guest_waits_is_counted() {
    let buffer = buffer(1, 1);
    let answer = Answer(buffer.clone());
    let rest = || std::thread::sleep(Duration::from_millis(5));
    rest();
    assert_eq!(answer.asked(), Duration::ZERO);
    buffer.ask();
    rest();
    let asked = answer.asked();
    assert!(asked >= Duration::from_millis(5), "{asked:?}");
    buffer.unask();
    let asked = answer.asked();
    rest();
    assert_eq!(answer.asked(), asked);
}

#[tokio::test]
async fn an_answer_has_a_bound() {
    let buffer = buffer(4, 3);
    let answer = Answer(buffer);
    answer.piece("abc".into()).await.unwrap();
    assert_eq!(answer.piece("d".into()).await.unwrap_err().code, "answer.too-large");
}

#[tokio::test]
async fn a_failure_comes_after_the_pieces_before_it_and_stays() {
    let buffer = buffer(100, 100);
    let answer = Answer(buffer.clone());
    answer.head(head()).unwrap();
    answer.piece("abc".into()).await.unwrap();
    buffer.finish(Err(failure(FailureKind::Cut, "body.cut", "cut")));
    buffer.finish(Ok(()));
    assert_eq!(buffer.take_piece(9).unwrap().unwrap(), "abc");
    for _ in 0..2 {
        assert_eq!(buffer.take_piece(9).unwrap().unwrap_err().code, "body.cut");
    }
    assert_eq!(buffer.take_head().unwrap().unwrap().status, 200);
}

#[tokio::test]
async fn readiness_follows_what_was_taken() {
    let buffer = buffer(100, 100);
    let answer = Answer(buffer.clone());
    let mut seen = vec![buffer.readiness()];
    answer.head(head()).unwrap();
    seen.push(buffer.readiness());
    buffer.take_head();
    seen.push(buffer.readiness());
    answer.piece("abc".into()).await.unwrap();
    seen.push(buffer.readiness());
    buffer.take_piece(9);
    buffer.finish(Ok(()));
    seen.push(buffer.readiness());
    buffer.take_piece(9);
    seen.push(buffer.readiness());
    use Readiness::{Later, Never, Now};
    assert_eq!(seen, [Later, Now, Later, Now, Now, Never]);
}

#[test]
fn an_answer_without_a_head_is_a_failure() {
    let buffer = buffer(1, 1);
    buffer.finish(Ok(()));
    assert_eq!(buffer.take_head().unwrap().unwrap_err().code, "transport.no-head");
}
