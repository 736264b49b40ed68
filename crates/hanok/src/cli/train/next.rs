//! What to try once a recipe has been followed.

use super::Recipe;
use crate::client::Run;
use crate::terminal::Terminal;

/// Prints the commands that come next.
pub fn print(terminal: &Terminal, run: &Run, recipe: &Recipe) {
    let Some(model) = &run.model else { return };
    let name = &model.name;
    let mut lines = Vec::new();
    if recipe.deploy {
        lines.push((format!("hanok chat {name}"), "talk to it"));
    } else {
        lines.push((format!("hanok model show {name}"), "what it is"));
    }
    if let (Some(eval), false) = (&run.eval_id, recipe.eval) {
        lines.push((
            format!("hanok eval show {eval}"),
            "base against tuned, once it is measured",
        ));
    }
    lines.push((
        format!("hanok run logs {}", run.id),
        "what happened on the way",
    ));
    terminal.tell(format!("\n{}", terminal.paint.bold("What to try next")));
    for (command, why) in lines {
        terminal.tell(format!(
            "  {command}   {}",
            terminal.paint.dim(&format!("# {why}"))
        ));
    }
    if !recipe.deploy {
        terminal.tell(
            terminal
                .paint
                .dim("  Add deploy = true to the recipe to have the model served."),
        );
    }
}
