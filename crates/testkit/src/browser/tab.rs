//! A page that is used: keys are pressed, places are clicked, and the page is asked what became of it.
//!
//! The browser is spoken to in its own protocol (<https://chromedevtools.github.io/devtools-protocol/>) through two named pipes: it reads
//! commands from the file descriptor 3 and writes to 4, messages end with a zero byte.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::{Browser, LIMIT};
use crate::process::Group;

/// An open page; dropping it ends the browser.
#[derive(Debug)]
pub struct Tab {
    _group: Group,
    commands: File,
    answers: Receiver<Value>,
    /// The number of the last command.
    last: u64,
    session: Option<String>,
}

impl Browser {
    /// Opens the page at `url`. What the browser keeps goes into `folder`.
    ///
    /// # Panics
    ///
    /// When the browser does not start, or does not open the page within three minutes.
    pub fn open(self, folder: &Path, url: &str) -> Tab {
        let [profile, commands, answers] = ["profile", "commands", "answers"].map(|name| folder.join(name));
        for pipe in [&commands, &answers] {
            let made = Command::new("mkfifo").arg(pipe).status().expect("mkfifo runs");
            assert!(made.success(), "{} is not made", pipe.display());
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$@\" 3<\"$COMMANDS\" 4>\"$ANSWERS\"", "sh", self.0])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .env("COMMANDS", &commands)
            .env("ANSWERS", &answers)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let group = Group::spawn(command).expect("the browser starts");
        let commands = File::options().write(true).open(&commands).expect("the pipe of commands");
        let mut reader = BufReader::new(File::open(&answers).expect("the pipe of answers"));
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if sender.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut tab = Tab { _group: group, commands, answers, last: 0, session: None };
        let target = tab.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = tab.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        tab.session = attached["sessionId"].as_str().map(str::to_owned);
        tab.call("Page.enable", json!({}));
        tab.call("Page.navigate", json!({ "url": url }));
        tab.wait("document.readyState === 'complete' && location.href !== 'about:blank'");
        tab
    }
}

impl Tab {
    /// The result of a command of the protocol.
    ///
    /// # Panics
    ///
    /// When the browser refuses it, or does not answer within three minutes.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass `json!` literals")]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let message = format!("{message}\0");
        self.commands.write_all(message.as_bytes()).expect("the browser takes commands");
        loop {
            let answer = self.answers.recv_timeout(LIMIT).expect("the browser answers");
            // Events have no number.
            if answer["id"] == self.last {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    ///
    /// When it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression holds.
    ///
    /// # Panics
    ///
    /// When it does not within three minutes.
    pub fn wait(&mut self, expression: &str) {
        let deadline = std::time::Instant::now() + LIMIT;
        while self.value(expression) != json!(true) {
            assert!(std::time::Instant::now() < deadline, "never: {expression}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// Presses a key: a character, or `Enter`, `Escape` or `Tab`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            other => other.to_ascii_uppercase().bytes().next().map_or(0, u32::from),
        };
        let text = match key {
            "Enter" => "\r",
            "Escape" | "Tab" => "",
            other => other,
        };
        let event = |kind: &str| json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
        let mut down = event("keyDown");
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call("Input.dispatchKeyEvent", event("keyUp"));
    }

    /// Clicks in the middle of the first element that fits a selector.
    pub fn click(&mut self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const element = document.querySelector({}); element.scrollIntoView({{ block: 'center' }}); \
             const box = element.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }
}
