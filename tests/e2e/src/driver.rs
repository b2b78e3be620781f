//! A driver: a program in one of the languages, told what to do line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running driver. It ends when its standard input closes.
pub struct Driver {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a language's program.
    pub fn start(command: &[String]) -> Self {
        let (program, arguments) = command.split_first().expect("a program");
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, input, output }
    }

    /// Has a line done; status and body.
    pub fn ask(&mut self, fields: &[&str]) -> (i32, String) {
        let input = self.input.as_mut().expect("a pipe");
        writeln!(input, "{}", fields.join("\t")).and_then(|()| input.flush()).expect("the driver reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the driver answers");
        let (status, body) = line.trim_end_matches('\n').split_once('\t').unwrap_or_else(|| {
            panic!("the driver answered {line:?} to {}", fields.first().copied().unwrap_or_default())
        });
        (status.parse().expect("a status"), body.to_owned())
    }

    /// Lets it end.
    pub fn finish(mut self) {
        drop(self.input.take());
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "a driver ended with {status}");
    }
}
