//! The command line: serve, or check the health of a running instance.

use std::fmt::Display;
use std::process::ExitCode;

use crate::build::Build;
use crate::config::Config;
use crate::health::probe;
use crate::server::{Limits, Server};

/// Exit code of `EX_CONFIG` in `sysexits.h`: the environment is wrong, a restart will not help.
const BAD_CONFIGURATION: u8 = 78;
const BAD_USAGE: u8 = 2;
const FAILED: u8 = 1;

const USAGE: &str = "usage: backend [--health-check | --version]";

/// Runs the command that the arguments ask for and says how the process ends.
pub fn run(arguments: impl Iterator<Item = String>, variable: impl Fn(&str) -> Option<String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let check = match words.as_slice() {
        [] => false,
        ["--health-check"] => true,
        ["--version"] => {
            println!("backend {}", Build::current().version);
            return ExitCode::SUCCESS;
        }
        _ => return fail(BAD_USAGE, USAGE),
    };
    match Config::parse(variable) {
        Ok(config) if check => health(config),
        Ok(config) => serve(config),
        Err(error) => fail(BAD_CONFIGURATION, error),
    }
}

fn health(config: Config) -> ExitCode {
    match probe(config.address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(FAILED, error),
    }
}

fn serve(config: Config) -> ExitCode {
    let build = Build::current();
    let bound = Server::bind(config.address, Limits::default(), build);
    match bound.and_then(|server| server.address().map(|address| (server, address))) {
        Ok((server, address)) => {
            println!("backend {} listens on {address}", build.version);
            server.serve();
            ExitCode::SUCCESS
        }
        Err(error) => fail(FAILED, format!("cannot listen on {}: {error}", config.address)),
    }
}

fn fail(code: u8, message: impl Display) -> ExitCode {
    eprintln!("backend: {message}");
    ExitCode::from(code)
}
