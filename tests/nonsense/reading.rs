//! Texts and bytes of a server that are read.

use super::*;

fn read_frames(text: &str) -> usize {
    let mut seen = 0;
    let count = Frame::read(text, &mut |frame| {
        seen += 1;
        // A frame's text is one JSON value by itself, and reads as the same frame again.
        let again = Frame::read(frame.text, &mut |again| assert_eq!(again, frame));
        assert_eq!(again, 1, "{}", frame.text);
    });
    assert_eq!(seen, count);
    count
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_text_reads_as_frames_or_none(text in ".{0,200}", json in any_json(), frame in any_frame()) {
        read_frames(&text);
        read_frames(&json.to_string());
        prop_assert_eq!(read_frames(&frame.to_string()), 1);
        prop_assert_eq!(read_frames(&format!("{frame}{frame}\n{frame}")), 3);
    }

    #[test]
    fn damaged_frames_read_as_far_as_they_go(text in damaged(recorded_frames())) {
        read_frames(&text);
    }

    #[test]
    fn nan_and_halves_of_surrogates_anywhere_lose_no_frame(frame in any_frame(), word in "[a-z]{0,4}") {
        for (from, to) in [("null", "NaN"), ("null", "-Infinity"), ("\"mine\"", r#""mine\udc80""#), ("true", "Infinity")] {
            let text = frame.to_string().replace(from, to).replace("prompt_id", &format!("prompt_id{word}"));
            prop_assert_eq!(read_frames(&text), 1, "{}", text);
        }
    }

    #[test]
    fn any_bytes_read_as_a_binary_frame_or_none(
        kind in 0..6u32, second in prop_oneof![0..64u32, any::<u32>()], rest in prop::collection::vec(any::<u8>(), 0..64),
        claimed in any::<usize>(),
    ) {
        let bytes: Vec<u8> = kind.to_be_bytes().into_iter().chain(second.to_be_bytes()).chain(rest).collect();
        for cut in 0..bytes.len() {
            let bytes = &bytes[..cut];
            if let Some(BinaryFrame::Preview(preview)) = support::read_binary(bytes) {
                prop_assert!(preview.image <= bytes.len());
            }
            // A length that is not the frame's, as a broken caller might give.
            let _ = Header::read(&bytes[..cut.min(HEADER_LENGTH)], claimed);
        }
    }

    #[test]
    fn any_answer_reads_as_a_history_or_none(json in any_json(), item in any_json(), text in damaged(recorded_histories())) {
        let wrapped = json!({"mine": item, "other": json}).to_string();
        for text in [&json.to_string(), &wrapped, &text] {
            if let Some(HistoryAnswer::Ended(item)) = HistoryAnswer::read(text, "mine") {
                prop_assert!(serde_json::from_str::<Value>(&item.text).is_ok());
                for (_, output) in &item.outputs {
                    prop_assert!(serde_json::from_str::<Value>(output).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_answer_reads_as_a_queue_or_none(
        running in prop::collection::vec(any_json(), 0..4), numbers in prop::collection::vec(any_json(), 0..8),
    ) {
        let entry = |(at, number): (usize, &Value)| json!([number, if at == 2 { "mine" } else { "theirs" }, {}]);
        let pending: Vec<Value> = numbers.iter().enumerate().map(entry).collect();
        let text = json!({"queue_running": running, "queue_pending": pending}).to_string();
        let answer = QueueAnswer::read(&text, "mine").expect("a queue");
        if let QueuePosition::Waiting(place) = answer.position {
            prop_assert!((1..=pending.len()).contains(&place));
        }
        prop_assert_eq!((answer.running, answer.pending), (running.len(), pending.len()));
    }

    #[test]
    fn any_reply_to_a_submission_is_read(json in any_json(), text in ".{0,80}") {
        for text in [json.to_string(), json!({"error": json, "node_errors": json}).to_string(), text] {
            let _ = Accepted::read(&text);
            let _ = Rejected::read(&text).explain();
        }
    }

    #[test]
    fn any_text_is_an_address_or_none(text in ".{0,60}", tail in "[a-z0-9:/@%?#\\[\\].]{0,40}") {
        for text in [text, format!("http://{tail}"), tail] {
            if let Ok(address) = Address::read(&text) {
                // What it makes reads as the same address, and never shows a login.
                let again = Address::read(&address.base()).expect("its own base");
                prop_assert_eq!(again.base(), address.base());
                prop_assert!(again.login.is_none());
            }
        }
    }

    #[test]
    fn any_prompt_is_a_graph_of_all_its_nodes(links in prop::collection::vec((0..12usize, 0..14usize), 0..40), odd in any_json()) {
        let mut prompt = Map::new();
        for at in 0..12 {
            let inputs = links.iter().enumerate().filter(|(_, (to, _))| *to == at);
            let inputs: Map<String, Value> =
                inputs.map(|(slot, (_, from))| (slot.to_string(), json!([from.to_string(), slot]))).collect();
            prompt.insert(at.to_string(), json!({"inputs": inputs}));
        }
        prompt.insert("odd".into(), odd.clone());
        let graph = Graph::new(&Value::Object(prompt).to_string());
        let mut ids: Vec<&str> = graph.ids.iter().map(|id| &**id).collect();
        prop_assert_eq!(ids.len(), 13);
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), 13, "each node once");
        let acyclic = links.iter().all(|(to, from)| from < to);
        if acyclic {
            for node in 0..graph.len() {
                prop_assert!(graph.parents(node).iter().all(|parent| *parent < node), "parents come first");
            }
        }
        let _ = Graph::new(&odd.to_string());
    }

}
