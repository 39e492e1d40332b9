//! The gateway for text messages: keeps what it was sent.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::post};
use serde::Deserialize;
use tokio::net::TcpListener;

/// A message as posted.
#[derive(Deserialize, Clone)]
pub struct Message {
    /// Phone, E.164.
    pub to: String,
    /// Words.
    pub text: String,
}

/// Messages sent so far.
#[derive(Clone, Default)]
pub struct Messages(Arc<Mutex<Vec<Message>>>);

impl Messages {
    /// Starts a gateway; its address and what it will have been sent.
    pub async fn start() -> (String, Self) {
        let messages = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let router = Router::new().route("/send", post(take)).with_state(messages.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, messages)
    }

    /// How many messages were sent.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The latest message.
    pub fn last(&self) -> Message {
        self.0.lock().unwrap().last().unwrap().clone()
    }
}

async fn take(State(messages): State<Messages>, Json(message): Json<Message>) {
    messages.0.lock().unwrap().push(message);
}

impl Message {
    /// The six digits of a one-time code.
    pub fn code(&self) -> String {
        let digits = self.text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
        digits.unwrap().to_owned()
    }
}
