use super::*;

#[test]
fn are_told_apart() {
    let kind = |text| DocumentKind::of(Raw::read(text).unwrap());
    assert_eq!(kind(r#"{"nodes": [], "links": []}"#), DocumentKind::Workflow);
    assert_eq!(kind(r#"{"3": {"class_type": "KSampler", "inputs": {}}}"#), DocumentKind::Prompt);
    for other in ["{}", "[]", "7", r#"{"nodes": 3}"#, r#"{"prompt": {}}"#, r#"{"1": {}}"#] {
        assert_eq!(kind(other), DocumentKind::Other, "{other}");
    }
}

#[test]
fn a_prompt_is_no_workflow_and_the_error_says_so() {
    let error = try_convert(&json!({"3": {"class_type": "KSampler", "inputs": {}}}), &ConvertOptions::default());
    assert!(error.unwrap_err().to_string().contains("a prompt"));
}
