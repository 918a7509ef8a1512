//! `specc schema`: the YAML form as a JSON Schema, for editors.

use clap::Args;
use compiler::resolve::json_schema::json_schema;

use crate::error::{Error, Exit};
use crate::output::Output;

/// Takes no arguments.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  specc schema > specc.schema.json

An editor with a YAML language server completes and checks a document that begins with
  # yaml-language-server: $schema=specc.schema.json
and takes references to secrets when it knows their tag: in VS Code
  \"yaml.customTags\": [\"!secret scalar\"]")]
pub struct Arguments {}

/// Prints the schema.
pub fn run(_: &Arguments, output: &mut Output) -> Result<Exit, Error> {
    output.data(&format!("{:#}\n", json_schema()))?;
    Ok(Exit::Fine)
}
