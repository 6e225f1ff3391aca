//! Where a server hands out a file: `/view`.

use crate::files::outputs::OutputFile;
use crate::protocol::address::percent_encode;
use crate::protocol::redirect::is_web;
use crate::text::substring::find;

/// `filename=…&subfolder=…&type=…`, percent-encoded.
pub fn query(file: &OutputFile) -> String {
    let [filename, subfolder, folder] =
        [&file.filename, &file.subfolder, &file.folder].map(|text| percent_encode(text));
    format!("filename={filename}&subfolder={subfolder}&type={folder}")
}

/// The address of a file under a base URL, whose path is kept: `route` is `/view`, or `/api/view` where a server has
/// only that.
pub fn url(base: &str, route: &str, file: &OutputFile) -> String {
    let base = base.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    [base, route, "?", &query(file)].concat()
}

/// The address of an asset's content. An API proxy gives its own address, which may be internal when it is behind
/// another proxy, so its assets are fetched from the base URL. The URL of a store stays as it is. Empty for schemes
/// other than http and https.
pub fn asset_url(base: &str, url: &str) -> String {
    let at = find(url, "/api/v2/assets/").filter(|_| url.ends_with("/content"));
    match at {
        Some(at) => [base, &url[at..]].concat(),
        None if is_web(url) => url.to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(filename: &str, subfolder: &str) -> OutputFile {
        let (filename, subfolder, folder) = (filename.to_owned(), subfolder.to_owned(), "output".to_owned());
        OutputFile { filename, subfolder, folder, url: String::new() }
    }

    #[test]
    fn an_asset_that_the_server_hands_out_is_asked_for_where_its_jobs_are() {
        let own = asset_url("https://host/comfy", "http://127.0.0.1:8189/api/v2/assets/a.b/content");
        assert_eq!(own, "https://host/comfy/api/v2/assets/a.b/content");
        let signed = "https://store.example/a.png?signature=x";
        assert_eq!(asset_url("https://host/comfy", signed), signed);
        for other in ["file:///etc/passwd", "javascript:alert(1)", "data:,x", ""] {
            assert_eq!(asset_url("https://host/comfy", other), "", "{other}");
        }
    }

    #[test]
    fn the_base_urls_path_is_kept() {
        let file = file("a.png", "");
        let expected = "https://host/comfy/view?filename=a.png&subfolder=&type=output";
        assert_eq!(url("https://host/comfy", "/view", &file), expected);
        assert_eq!(url("https://host/comfy/", "/view", &file), expected);
        assert_eq!(url("https://host/comfy//?x=1#y", "/view", &file), expected);
        assert!(url("http://[::1]:8188", "/api/view", &file).starts_with("http://[::1]:8188/api/view?filename="));
    }

    #[test]
    fn names_are_percent_encoded() {
        let file = file("ä &?#%+.png", "sub\\folder/x");
        assert_eq!(query(&file), "filename=%C3%A4%20%26%3F%23%25%2B.png&subfolder=sub%5Cfolder%2Fx&type=output");
    }
}
