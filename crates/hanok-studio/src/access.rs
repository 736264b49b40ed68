//! Who acts, in which project, with which role: the handle that every use case receives. What it does
//! not name cannot be touched.

use hanok_domain::limits::KeyLimits;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_domain::scope::Scopes;

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A browser session.
    Session {
        /// `sess_…`.
        id: String,
    },
    /// An access token of a session.
    Token {
        /// `sess_…`.
        id: String,
    },
    /// An API key.
    Key {
        /// `key_…`.
        id: String,
    },
    /// A command on the same machine that can read the data directory.
    Local,
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address of the client.
    pub address: String,
    /// The client, as it calls itself, cut to a decent length.
    pub user_agent: String,
    /// `req_…`.
    pub request_id: String,
}

/// What a request says of itself beside its credential.
#[derive(Debug, Clone, Copy, Default)]
pub struct Approach<'a> {
    /// The project that it names, if it names one.
    pub project: Option<&'a str>,
    /// Where it comes from.
    pub address: &'a str,
}

/// A signed-in caller in one project.
#[derive(Debug, Clone)]
pub struct Caller {
    /// `user_…`.
    pub user_id: String,
    /// Shown to people.
    pub user_name: String,
    /// Role in the installation.
    pub user_role: UserRole,
    /// `proj_…`: everything the caller reads or writes belongs to it.
    pub project_id: String,
    /// The project's name.
    pub project_name: String,
    /// Role in the project.
    pub project_role: MemberRole,
    /// How they came in.
    pub credential: Credential,
    /// Bounds of that, beside those of the role.
    pub scopes: Scopes,
    /// What it may use up.
    pub limits: KeyLimits,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// Where they are.
    pub origin: Origin,
}

impl Caller {
    /// May look at what the project has.
    pub fn may_read(&self) -> bool {
        self.project_role.includes(&MemberRole::Viewer)
    }

    /// May create and change.
    pub fn may_write(&self) -> bool {
        self.project_role.includes(&MemberRole::Editor)
    }

    /// May change members and delete the project; administrators of the installation may too.
    pub fn may_own(&self) -> bool {
        self.project_role.includes(&MemberRole::Owner) || self.user_role == UserRole::Admin
    }

    /// Runs the installation.
    pub fn may_administer(&self) -> bool {
        self.user_role == UserRole::Admin
    }

    /// The same caller as the log of another project names them.
    pub(crate) fn within(&self, project: &str) -> Self {
        Self {
            project_id: project.to_owned(),
            ..self.clone()
        }
    }

    /// The key that this request is metered on, if it came with one.
    pub fn key_id(&self) -> Option<&str> {
        match &self.credential {
            Credential::Key { id } => Some(id),
            _ => None,
        }
    }
}
