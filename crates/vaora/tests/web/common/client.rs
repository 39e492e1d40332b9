//! A browser: keeps cookies, sends forms and JSON, and shows what came back.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, header},
};
use data_encoding::HEXUPPER;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// A browser or a gate's device.
pub struct Client {
    router: Router,
    /// Name, path and value of each cookie.
    cookies: Vec<(String, String, String)>,
    language: &'static str,
}

/// What came back.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text, with the characters that HTML escapes as a reader sees them.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let escapes = [
            ("&#x2f;", "/"),
            ("&#x27;", "'"),
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&amp;", "&"),
        ];
        escapes.iter().fold(text.into_owned(), |text, (escape, letter)| text.replace(escape, letter))
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Where a redirect leads; empty without one.
    pub fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    /// A header's text; empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Words of the page without its tags, spaces joined.
    pub fn words(&self) -> String {
        let (mut words, mut inside) = (String::new(), false);
        for letter in self.text().chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    words.push(' ');
                }
                letter if !inside => words.push(letter),
                _ => {}
            }
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Passes an answer of this status; shows the body of another.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} {}", self.location(), self.words());
        self
    }
}

impl Client {
    /// A browser without cookies that reads Vietnamese.
    pub fn new(router: Router) -> Self {
        Self { router, cookies: Vec::new(), language: "vi" }
    }

    /// The same browser, reading English.
    pub fn english(mut self) -> Self {
        self.language = "en";
        self
    }

    /// Puts a cookie into the jar.
    pub fn put_cookie(&mut self, name: &str, value: &str) {
        self.cookies.push((name.to_owned(), "/".to_owned(), value.to_owned()));
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _, _)| known == name).map(|(_, _, value)| value.as_str())
    }

    /// Loads a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &form, pairs.join("&").into_bytes()).await
    }

    /// Sends a form that is refused in these words, on the answer itself or on the page that it leads back to.
    pub async fn refused(&mut self, path: &str, fields: &[(&str, &str)], words: &str) {
        let mut answer = self.post(path, fields).await;
        if answer.status == 303 {
            let back = answer.location().to_owned();
            answer = self.get(&back).await.is(200);
        } else {
            assert!([200, 422].contains(&answer.status), "{path}: {} {}", answer.status, answer.words());
        }
        assert!(answer.words().contains(words), "{path} does not say {words:?}: {}", answer.words());
    }

    /// Sends JSON.
    pub async fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(Method::POST, path, &json, serde_json::to_vec(body).unwrap()).await
    }

    /// Sends a file in a form.
    pub async fn post_file(&mut self, path: &str, name: &str, file: &[u8]) -> Answer {
        let edge = "the-edge-of-the-part";
        let mut body =
            format!("--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                .into_bytes();
        body.extend(file);
        body.extend(format!("\r\n--{edge}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={edge}");
        self.send(Method::POST, path, &[("content-type", kind.as_str())], body).await
    }

    /// Sends a form of several fields and a file.
    pub async fn post_parts(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let edge = "the-edge-of-the-parts";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{edge}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let (name, bytes) = file;
        let head =
            format!("--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{edge}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={edge}");
        self.send(Method::POST, path, &[("content-type", kind.as_str())], body).await
    }

    /// Sends anything.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request =
            request.header(header::HOST, "localhost:8080").header(header::ACCEPT_LANGUAGE, self.language);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let jar: Vec<String> = self
            .cookies
            .iter()
            .filter(|(_, scope, _)| path.starts_with(scope.as_str()))
            .map(|(name, _, value)| format!("{name}={value}"))
            .collect();
        if !jar.is_empty() {
            request = request.header(header::COOKIE, jar.join("; "));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        for line in headers.get_all(header::SET_COOKIE) {
            self.keep_cookie(line.to_str().unwrap());
        }
        Answer { status, headers, bytes }
    }

    fn keep_cookie(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<&str> = parts.collect();
        let path = attributes.iter().find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
        self.cookies.retain(|(known, _, _)| known != name);
        if !attributes.contains(&"Max-Age=0") {
            self.cookies.push((name.to_owned(), path.to_owned(), value.to_owned()));
        }
    }
}

/// Text as it stands in a form or an address.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{}", HEXUPPER.encode(&[other])),
        })
        .collect()
}
