//! Everything that is tested from outside: the binary, its golden outputs, the layout, a real cluster.

mod cli;
mod cluster;
mod fields;
mod golden;
mod process;
mod tidy;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials =
        [golden::trials(), cli::trials(), tidy::trials(), fields::trials(), cluster::trials(&arguments)];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    cluster::stop();
    conclusion.exit();
}
