//! The `kubectl-buildkit` program: reads the world, runs one command, gives its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use kubectl_buildkit::cli::{self, Cli, help};
use kubectl_buildkit::command::{self, Finish, Interrupt};
use kubectl_buildkit::defaults::{self, Refused};
use kubectl_buildkit::env::Env;
use kubectl_buildkit::error::{Error, Kind, Result};
use kubectl_buildkit::render;

/// Threads that move bytes. More do not make a build faster, and each costs memory.
const WORKERS: usize = 4;
/// The exit code of `--diff` that found a difference, as of `diff`.
const DIFFERENT: u8 = 1;

fn main() -> ExitCode {
    let env = match Env::read() {
        Ok(env) => env,
        Err(error) => {
            let error = Error::usage("the current folder cannot be read").because(error);
            return failed(&error, &Env::default());
        }
    };
    let line = cli::arguments(std::env::args_os());
    let program = help::program(line.first().map(OsString::as_os_str), env.var("_"));
    let cli = match defaults::read(&line, program, &env) {
        Ok(read) => {
            // Nobody is left to read them if standard error is gone.
            let _ = render::notes(&read.notes, std::io::stderr().lock());
            read.cli
        }
        Err(Refused::Defaults(error)) => return failed(&error, &env),
        Err(Refused::Words(usage)) => {
            // Help goes to standard output and is no failure; clap knows which is which. Nobody is left to
            // read it if that is gone.
            let _ = if usage.use_stderr() {
                render::usage(&usage, &env, std::io::stderr().lock())
            } else {
                render::usage(&usage, &env, std::io::stdout().lock())
            };
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    match run(cli, &env) {
        Ok(Finish::Done) => ExitCode::SUCCESS,
        Ok(Finish::Different) => ExitCode::from(DIFFERENT),
        Ok(Finish::Status(status)) => ExitCode::from(status),
        Err(error) => failed(&error, &env),
    }
}

fn failed(error: &Error, env: &Env) -> ExitCode {
    // Nobody is left to read it if standard error is gone.
    let _ = render::failure(error, env, std::io::stderr().lock());
    ExitCode::from(error.kind().exit_code())
}

fn run(cli: Cli, env: &Env) -> Result<Finish> {
    let broken = |error: std::io::Error| {
        Error::new(Kind::Usage, "this machine cannot run the program").because(error)
    };
    // The only provider in the program; the libraries must not have to guess.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(WORKERS))
        .enable_all()
        .build()
        .map_err(broken)?;
    let result = runtime.block_on(async {
        let mut interrupt = Interrupt::listen().map_err(broken)?;
        let mut again = interrupt.clone();
        tokio::select! {
            result = command::run(cli, env, &mut interrupt) => result,
            () = again.second() => Err(Error::new(Kind::Interrupted, "interrupted")),
        }
    });
    // A thread that waits for a slow disk must not keep the process alive.
    runtime.shutdown_background();
    result
}
