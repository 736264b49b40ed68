//! `hanok config show`: every setting, its value and where it came from.

use serde_json::json;

use crate::cli::settings::resolve_all;
use crate::cli::{Access, CliError, Flags, load};
use crate::terminal::{Table, Terminal, cut};

/// Flags of `hanok config show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also say what each setting means.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    access: Access,
}

/// Prints the settings; a value that cannot be used is an error after all are shown.
pub fn run(args: Args) -> Result<(), CliError> {
    let terminal = Terminal::new(args.access.output.json);
    let flags = Flags::of_access(&args.access);
    let resolved = resolve_all(&flags)?;
    let heads = ["setting", "value", "from", "meaning"];
    let mut table = Table::new(&heads[..if args.explain { 4 } else { 3 }]);
    let mut section = "";
    let mut documents = Vec::new();
    for entry in &resolved {
        let setting = entry.setting;
        if setting.section != section {
            section = setting.section;
            table.row(vec![format!("[{section}]")]);
        }
        table.row(vec![
            format!("  {}", setting.name),
            cut(entry.shown(), 60),
            entry.source.to_string(),
            setting.help.to_owned(),
        ]);
        documents.push(json!({
            "name": setting.name,
            "section": setting.section,
            "value": entry.shown(),
            "secret": setting.secret,
            "default": setting.default,
            "source": entry.source,
            "help": setting.help,
        }));
    }
    table.print(&terminal, "");
    terminal.document(&json!({ "object": "list", "data": documents }));
    load(&flags).map(|_| ())
}
