//! What a command works with: its settings, the terminal, and a client once it needs one.

use super::{Access, CliError, Flags, load};
use crate::client::{Connection, connect};
use crate::terminal::Terminal;

/// Settings and terminal of one command.
pub struct Context {
    /// Parsed settings.
    pub settings: hanok_config::Settings,
    /// Where results and progress go.
    pub terminal: Terminal,
}

impl Context {
    /// Reads settings; talks to nobody yet.
    pub fn new(access: &Access) -> Result<Self, CliError> {
        let terminal = Terminal::new(access.output.json);
        let settings = load(&Flags::of_access(access))?;
        Ok(Self { settings, terminal })
    }

    /// Finds the server, or brings one up for as long as the connection lives.
    pub async fn connect(&self) -> Result<Connection, CliError> {
        let mut connection = connect(&self.settings, &self.terminal).await?;
        connection.client.enter(self.settings.project.clone());
        Ok(connection)
    }

    /// Settings, terminal and connection in one go, for the many commands that need all three.
    pub async fn open(access: &Access) -> Result<(Self, Connection), CliError> {
        let context = Self::new(access)?;
        let connection = context.connect().await?;
        Ok((context, connection))
    }
}
