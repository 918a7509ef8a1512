//! Everything that is tested from outside: the binary, its golden outputs, the layout, a real cluster.

mod bad_input;
mod check;
mod cli;
mod cluster;
mod fields;
mod format;
mod golden;
mod plan_file;
mod process;
mod recorded;
mod review;
mod rights;
mod schemas;
mod simulate;
mod starter;
mod tidy;
mod why;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials = [
        golden::trials(),
        cli::trials(),
        bad_input::trials(),
        check::trials(),
        plan_file::trials(),
        review::trials(),
        rights::trials(),
        schemas::trials(),
        simulate::trials(),
        why::trials(),
        format::trials(),
        starter::trials(),
        tidy::trials(),
        fields::trials(),
        recorded::trials(),
        cluster::trials(&arguments),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    cluster::stop();
    conclusion.exit();
}
