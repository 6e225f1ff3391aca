//! Where a server hands out a file: `/view`.

use super::outputs::OutputFile;
use crate::protocol::address::percent_encode;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn file(filename: &str, subfolder: &str) -> OutputFile {
        OutputFile { filename: filename.to_owned(), subfolder: subfolder.to_owned(), folder: "output".to_owned() }
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
