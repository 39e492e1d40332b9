//! The project's own text, for tests that hold the house rules.

use std::{collections::BTreeSet, fs, path::Path};

/// A file of this crate.
pub fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder of this crate whose name ends so, with its text, by path.
pub fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut waiting) = (Vec::new(), vec![root.join(folder)]);
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Every route of the program as `METHOD /path/{place}`.
pub fn routes() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for part in read("src/router.rs").split(".route(").skip(1) {
        let path = part.split('"').nth(1).unwrap();
        let methods = &part[..end_of_call(part)];
        for base in ["/owner/places", "/places"] {
            let path = path.replace("{base}", base).replace("{{", "{").replace("}}", "}");
            for (method, word) in [("GET", "get("), ("POST", "post(")] {
                if methods.contains(word) {
                    routes.insert(format!("{method} {path}"));
                }
            }
        }
    }
    let document = serde_json::to_value(vaora::api::document()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes.insert("GET /api/v1/openapi.json".to_owned());
    routes
}

/// Where the call ends that `text` begins within.
fn end_of_call(text: &str) -> usize {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// String literals of Rust source without its tests and comments, unescaped.
pub fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let (mut found, mut rest) = (Vec::new(), code.as_str());
    while let Some(begin) = rest.find('"') {
        // A quote as a character, `'"'`, begins no string.
        if rest[..begin].ends_with('\'') && rest[begin + 1..].starts_with('\'') {
            rest = &rest[begin + 2..];
            continue;
        }
        let (text, length) = literal(&rest[begin + 1..]);
        found.push(text);
        rest = &rest[begin + 1 + length..];
    }
    found
}

/// The literal at the beginning, after its opening quote, and how many bytes it takes with the closing one.
fn literal(text: &str) -> (String, usize) {
    let (mut value, mut at) = (String::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        at += letter.len_utf8();
        match letter {
            '"' => break,
            '\\' => {
                let escaped = text[at..].chars().next().unwrap_or('"');
                at += escaped.len_utf8();
                match escaped {
                    // A line that goes on: what the next one is indented by does not count.
                    '\n' => at = text.len() - text[at..].trim_start().len(),
                    'n' => value.push('\n'),
                    other => value.push(other),
                }
            }
            letter => value.push(letter),
        }
    }
    (value, at)
}
