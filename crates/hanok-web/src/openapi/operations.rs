//! What each route is called, takes and answers: one line a route, held against the router by a test.

/// What a route takes or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON of this schema.
    Json(&'static str),
    /// A list of this schema, with paging.
    List(&'static str),
    /// A multipart form of this schema.
    Form(&'static str),
    /// Server-sent events, or a page of them where only JSON is accepted.
    Events,
    /// A WebSocket.
    Socket,
    /// Text of this media type.
    Text(&'static str),
    /// Rows as lines of JSON or as a sheet.
    Rows,
    /// Bytes.
    Bytes(&'static str),
}

use Body::{Bytes, Events, Form, Json, List, Rows, Socket, Text};

/// One operation of the API.
#[derive(Debug)]
pub struct Operation {
    /// The method.
    pub method: &'static str,
    /// The path as the router has it.
    pub path: &'static str,
    /// The group that it is shown under.
    pub tag: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What it takes.
    pub takes: Body,
    /// What it answers.
    pub gives: Body,
    /// The status of success.
    pub status: u16,
    /// Parameters of the query; their meaning is in [`PARAMETERS`].
    pub query: &'static [&'static str],
    /// Whether it gives the same with 503, where something is down.
    pub probe: bool,
}

impl Operation {
    const fn query(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    const fn probe(mut self) -> Self {
        self.probe = true;
        self
    }

    const fn takes(mut self, takes: Body) -> Self {
        self.takes = takes;
        self
    }
}

/// Parameters of queries: name, type, meaning.
pub const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "after",
        "string",
        "The last id of the page before; of a log, the last event seen.",
    ),
    ("limit", "integer", "Items wanted."),
    ("q", "string", "What name or address begins with."),
    ("role", "string", "Only accounts of this role."),
    ("kind", "string", "Only jobs of this kind."),
    ("state", "string", "Only jobs, or accounts, in this state."),
    (
        "topics",
        "string",
        "What to follow: ids, separated by commas.",
    ),
    (
        "file",
        "string",
        "One file of the model instead of the archive.",
    ),
    ("purpose", "string", "Only files for this."),
    ("order", "string", "asc or desc."),
    (
        "action",
        "string",
        "Only these actions, separated by commas.",
    ),
    ("actor", "string", "Only these accounts, by id or name."),
    ("project", "string", "Only this project."),
    (
        "object",
        "string",
        "Only what was done to the object with this id.",
    ),
    ("outcome", "string", "done, denied or failed."),
    ("since", "string", "From this day or moment on, RFC 3339."),
    ("until", "string", "Up to this day, or before this moment."),
    (
        "text",
        "string",
        "A text somewhere in the row; looked for in 50,000 rows at a time.",
    ),
    ("before", "string", "The first id of the page after."),
    ("format", "string", "jsonl or csv."),
    ("effective_at[gt]", "integer", "After this Unix time."),
    (
        "effective_at[gte]",
        "integer",
        "At this Unix time or later.",
    ),
    ("effective_at[lt]", "integer", "Before this Unix time."),
    (
        "effective_at[lte]",
        "integer",
        "At this Unix time or earlier.",
    ),
    (
        "project_ids[]",
        "string",
        "Only this project; may be repeated.",
    ),
    (
        "event_types[]",
        "string",
        "Only this action; may be repeated.",
    ),
    (
        "actor_ids[]",
        "string",
        "Only this account; may be repeated.",
    ),
    ("resource_ids[]", "string", "Only this object."),
];

const PAGE: &[&str] = &["after", "limit"];
const AUDIT_FILTERS: &[&str] = &[
    "action", "actor", "project", "object", "outcome", "since", "until", "text", "after", "before",
    "limit",
];
const AUDIT_EXPORT: &[&str] = &[
    "format", "action", "actor", "project", "object", "outcome", "since", "until", "text",
];
const AUDIT_LOGS: &[&str] = &[
    "effective_at[gt]",
    "effective_at[gte]",
    "effective_at[lt]",
    "effective_at[lte]",
    "project_ids[]",
    "event_types[]",
    "actor_ids[]",
    "resource_ids[]",
    "after",
    "before",
    "limit",
];

const fn op(
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    gives: Body,
) -> Operation {
    Operation {
        method,
        path,
        tag,
        summary,
        takes: Body::None,
        gives,
        status: 200,
        query: &[],
        probe: false,
    }
}

const fn get(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    gives: Body,
) -> Operation {
    op("GET", path, tag, summary, gives)
}

const fn list(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    schema: &'static str,
) -> Operation {
    op("GET", path, tag, summary, List(schema)).query(PAGE)
}

const fn post(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    takes: Body,
    gives: Body,
) -> Operation {
    op("POST", path, tag, summary, gives).takes(takes)
}

const fn make(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    takes: Body,
    gives: &'static str,
) -> Operation {
    post(path, tag, summary, takes, Json(gives)).status(201)
}

const fn act(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    gives: &'static str,
) -> Operation {
    op("POST", path, tag, summary, Json(gives))
}

const fn remove(path: &'static str, tag: &'static str, summary: &'static str) -> Operation {
    op("DELETE", path, tag, summary, Json("Deleted"))
}

const fn worker(path: &'static str, summary: &'static str) -> Operation {
    post(
        path,
        WORKERS,
        summary,
        Json("WorkerMessage"),
        Json("WorkerMessage"),
    )
}

const USERS: &[&str] = &["after", "limit", "q", "role", "state"];
const ANSWERS: &str = "Answers";
const FILES: &str = "Files";
const TUNING: &str = "Fine-tuning";
const DATA: &str = "Data sets";
const JOBS: &str = "Jobs";
const RUNS: &str = "Runs";
const MODELS: &str = "Models";
const EVALS: &str = "Evaluations";
const SERVING: &str = "Deployments";
const ACCOUNTS: &str = "Accounts";
const AUDIT: &str = "Audit";
const PROJECTS: &str = "Projects";
const HEALTH: &str = "Health";
const WORKERS: &str = "Workers";

/// Every route that answers programs.
// A line a route reads as the table that it is.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    list("/v1/models", ANSWERS, "The models that can be called.", "CallableModel").query(&[]),
    get("/v1/models/{model}", ANSWERS, "One of them.", Json("CallableModel")),
    remove("/v1/models/{model}", ANSWERS, "Delete a model of one's own."),
    post("/v1/chat/completions", ANSWERS, "Continue a conversation.", Json("ChatRequest"), Json("ChatCompletion")),
    post("/v1/completions", ANSWERS, "Continue a text.", Json("CompletionRequest"), Json("Completion")),
    post("/v1/embeddings", ANSWERS, "Make vectors of texts.", Json("EmbeddingsRequest"), Json("Embeddings")),
    post("/v1/classify", ANSWERS, "Label texts.", Json("ClassifyRequest"), Json("Classification")),
    list("/v1/files", FILES, "Uploaded files.", "File").query(&["purpose", "order", "after", "limit"]),
    post("/v1/files", FILES, "Upload a file.", Form("FileUpload"), Json("File")),
    get("/v1/files/{id}", FILES, "One file.", Json("File")),
    remove("/v1/files/{id}", FILES, "Delete a file."),
    get("/v1/files/{id}/content", FILES, "A file's bytes.", Bytes("application/octet-stream")),
    list("/v1/fine_tuning/jobs", TUNING, "Fine-tuning jobs, newest first.", "FineTune"),
    post("/v1/fine_tuning/jobs", TUNING, "Start one.", Json("CreateFineTune"), Json("FineTune")),
    get("/v1/fine_tuning/jobs/{id}", TUNING, "One job.", Json("FineTune")),
    act("/v1/fine_tuning/jobs/{id}/cancel", TUNING, "Cancel it.", "FineTune"),
    act("/v1/fine_tuning/jobs/{id}/pause", TUNING, "Pause it: it saves where it is and stops.", "FineTune"),
    act("/v1/fine_tuning/jobs/{id}/resume", TUNING, "Go on from its last checkpoint.", "FineTune"),
    list("/v1/fine_tuning/jobs/{id}/events", TUNING, "Its events, newest first.", "FineTuneEvent"),
    list("/v1/fine_tuning/jobs/{id}/checkpoints", TUNING, "Its checkpoints.", "Checkpoint"),
    list("/api/v1/datasets", DATA, "Data sets, newest first.", "Dataset"),
    make("/api/v1/datasets", DATA, "Upload a file; a worker imports it.", Form("DatasetUpload"), "Dataset"),
    get("/api/v1/datasets/{id}", DATA, "One data set with its newest version.", Json("Dataset")),
    remove("/api/v1/datasets/{id}", DATA, "Put a data set into the bin."),
    post("/api/v1/datasets/{id}/share", DATA, "Give another project a copy.", Json("Share"), Json("Shared")).status(201),
    get("/api/v1/datasets/{id}/rows", DATA, "Some of its rows.", Json("DatasetRows")).query(PAGE),
    list("/api/v1/runs", RUNS, "Runs, newest first.", "Run"),
    make("/api/v1/runs", RUNS, "Start a run.", Json("StartRun"), "Run"),
    get("/api/v1/runs/{id}", RUNS, "One run.", Json("Run")),
    act("/api/v1/runs/{id}/cancel", RUNS, "Cancel it.", "Run"),
    act("/api/v1/runs/{id}/pause", RUNS, "Pause it: it saves where it is and stops.", "Run"),
    act("/api/v1/runs/{id}/resume", RUNS, "Go on from its last checkpoint; a body is not needed.", "Run").takes(Json("ResumeRun")),
    get("/api/v1/runs/{id}/events", RUNS, "Its events: replayed, then live.", Events).query(PAGE),
    get("/api/v1/runs/{id}/ws", RUNS, "The same over a WebSocket.", Socket).status(101).query(&["after"]),
    list("/api/v1/jobs", JOBS, "Everything that workers do, newest first.", "Job").query(&["kind", "state", "after", "limit"]),
    make("/api/v1/jobs", JOBS, "Start a run or an evaluation.", Json("StartJob"), "Job"),
    get("/api/v1/jobs/{id}", JOBS, "One job, by its id or that of what it is about.", Json("Job")),
    act("/api/v1/jobs/{id}/cancel", JOBS, "Cancel it.", "Job"),
    get("/api/v1/jobs/{id}/events", JOBS, "Its events; the stream ends with the job.", Events).query(PAGE),
    get("/api/v1/jobs/{id}/logs", JOBS, "The lines of its log alone.", Events).query(PAGE),
    get("/api/v1/jobs/{id}/ws", JOBS, "Its events over a WebSocket.", Socket).status(101).query(&["after"]),
    list("/api/v1/models", MODELS, "Models, newest first.", "Model"),
    make("/api/v1/models", MODELS, "Make a model of uploaded files; a worker checks them.", Json("ImportModel"), "Model"),
    get("/api/v1/models/{id}", MODELS, "One model.", Json("Model")),
    remove("/api/v1/models/{id}", MODELS, "Delete a model."),
    post("/api/v1/models/{id}/share", MODELS, "Give another project a copy.", Json("Share"), Json("Shared")).status(201),
    get("/api/v1/models/{id}/download", MODELS, "Its files as one archive.", Bytes("application/x-tar")).query(&["file"]),
    list("/api/v1/evals", EVALS, "Evaluations, newest first.", "Eval"),
    make("/api/v1/evals", EVALS, "Start one.", Json("StartEval"), "Eval"),
    get("/api/v1/evals/{id}", EVALS, "One evaluation with its report.", Json("Eval")),
    list("/api/v1/deployments", SERVING, "Which models answer.", "Deployment"),
    make("/api/v1/deployments", SERVING, "Deploy a model.", Json("Deploy"), "Deployment"),
    get("/api/v1/deployments/{id}", SERVING, "One deployment.", Json("Deployment")),
    remove("/api/v1/deployments/{id}", SERVING, "Stop it."),
    get("/api/v1/me", ACCOUNTS, "Who the credential is.", Json("Account")),
    post("/api/v1/auth/token", ACCOUNTS, "Sign in for tokens.", Json("Grant"), Json("Tokens")),
    post("/api/v1/auth/refresh", ACCOUNTS, "The next tokens; a refresh token is good once.", Json("Refresh"), Json("Tokens")),
    post("/api/v1/auth/revoke", ACCOUNTS, "End the session of a token.", Json("RevokeToken"), Body::None).status(204),
    get("/api/v1/account/second-factor", ACCOUNTS, "The caller's second factor.", Json("SecondFactor")),
    make("/api/v1/account/second-factor", ACCOUNTS, "Offer a secret for an authenticator app.", Body::None, "SecondFactorOffer"),
    post("/api/v1/account/second-factor/confirm", ACCOUNTS, "Take it into use.", Json("Code"), Json("RecoveryCodes")),
    post("/api/v1/account/second-factor/recovery-codes", ACCOUNTS, "New recovery codes in the place of the old.", Json("Code"), Json("RecoveryCodes")),
    post("/api/v1/account/second-factor/disable", ACCOUNTS, "Take the second factor away, after a fresh sign-in.", Json("Code"), Body::None).status(204),
    list("/api/v1/account/identities", ACCOUNTS, "Who the caller is at the provider of identities.", "Identity").query(&[]),
    list("/api/v1/keys", ACCOUNTS, "Keys.", "Key"),
    make("/api/v1/keys", ACCOUNTS, "Make a key.", Json("NewKey"), "CreatedKey"),
    remove("/api/v1/keys/{id}", ACCOUNTS, "Revoke a key."),
    make("/api/v1/keys/{id}/rotate", ACCOUNTS, "Make a key's successor; a body is not needed.", Json("RotateKey"), "CreatedKey"),
    list("/api/v1/admin/keys", ACCOUNTS, "The keys of all projects, for administrators.", "Key"),
    remove("/api/v1/admin/keys/{id}", ACCOUNTS, "Revoke a key of any project."),
    list("/api/v1/projects", PROJECTS, "The projects that you are in.", "Project").query(&[]),
    make("/api/v1/projects", PROJECTS, "Make a team project.", Json("NewProject"), "Project"),
    get("/api/v1/projects/{id}", PROJECTS, "One project.", Json("Project")),
    post("/api/v1/projects/{id}", PROJECTS, "Give it another name.", Json("NewProject"), Json("Project")),
    op("DELETE", "/api/v1/projects/{id}", PROJECTS, "Put it into the bin; a body is not needed.", Json("Project")).takes(Json("DeleteProject")),
    act("/api/v1/projects/{id}/restore", PROJECTS, "Take it out of the bin.", "Project"),
    act("/api/v1/projects/{id}/select", PROJECTS, "Have your session be in it.", "Project"),
    list("/api/v1/projects/{id}/members", PROJECTS, "The people in it.", "Member").query(&[]),
    make("/api/v1/projects/{id}/members", PROJECTS, "Add a member.", Json("NewMember"), "Member"),
    post("/api/v1/projects/{id}/members/{user}", PROJECTS, "Give a member another role.", Json("NewRole"), Json("Member")),
    remove("/api/v1/projects/{id}/members/{user}", PROJECTS, "Remove a member, or leave."),
    list("/api/v1/projects/{id}/service-accounts", PROJECTS, "The programs in it.", "ServiceAccount").query(&[]),
    make("/api/v1/projects/{id}/service-accounts", PROJECTS, "Make a service account with a key.", Json("NewServiceAccount"), "CreatedServiceAccount"),
    remove("/api/v1/projects/{id}/service-accounts/{user}", PROJECTS, "End a service account and its keys."),
    list("/api/v1/usage", ACCOUNTS, "Served requests, newest first.", "Usage"),
    make("/api/v1/sign-in-secrets", ACCOUNTS, "A one-time secret for the pages.", Body::None, "SignInSecret"),
    post("/api/v1/auth/login", ACCOUNTS, "Sign in; the session is a cookie.", Json("SignIn"), Json("Step")),
    act("/api/v1/auth/logout", ACCOUNTS, "End the session that asks.", "Deleted"),
    post("/api/v1/auth/register", ACCOUNTS, "Ask for an account.", Json("Register"), Json("Step")).status(202),
    post("/api/v1/auth/verify", ACCOUNTS, "Verify an address.", Json("LinkToken"), Json("Step")),
    post("/api/v1/auth/forgot", ACCOUNTS, "Have a link for a new password mailed.", Json("ForgotPassword"), Json("Step")).status(202),
    post("/api/v1/auth/reset", ACCOUNTS, "Set a password by a link.", Json("ResetPassword"), Json("Step")),
    get("/api/v1/account", ACCOUNTS, "One's own account.", Json("User")),
    post("/api/v1/account", ACCOUNTS, "Change one's name.", Json("ChangeProfile"), Json("User")),
    post("/api/v1/account/password", ACCOUNTS, "Change one's password; other sessions end.", Json("ChangePassword"), Json("Step")),
    get("/api/v1/account/sessions", ACCOUNTS, "Where one is signed in.", List("Session")),
    op("DELETE", "/api/v1/account/sessions", ACCOUNTS, "End all sessions but the one that asks.", Json("EndedSessions")),
    remove("/api/v1/account/sessions/{id}", ACCOUNTS, "End a session."),
    list("/api/v1/users", ACCOUNTS, "Accounts, newest first.", "User").query(USERS),
    make("/api/v1/users", ACCOUNTS, "Make an account.", Json("CreateUser"), "User"),
    get("/api/v1/users/{id}", ACCOUNTS, "An account, by id or name.", Json("User")),
    post("/api/v1/users/{id}", ACCOUNTS, "Change role or address, disable, approve.", Json("UpdateUser"), Json("User")),
    remove("/api/v1/users/{id}", ACCOUNTS, "Delete an account."),
    act("/api/v1/users/{id}/reset", ACCOUNTS, "A link that sets a new password.", "Link").status(201),
    op("DELETE", "/api/v1/users/{id}/sessions", ACCOUNTS, "End all sessions of an account.", Json("EndedSessions")),
    list("/api/v1/invitations", ACCOUNTS, "Invitations, newest first.", "Invitation"),
    make("/api/v1/invitations", ACCOUNTS, "Invite somebody.", Json("NewInvite"), "Invitation"),
    remove("/api/v1/invitations/{id}", ACCOUNTS, "Take an invitation back."),
    get("/api/v1/events", JOBS, "Events of several subjects in one stream.", Events).query(&["topics", "after"]),
    get("/api/v1/attach", WORKERS, "Held open by a command that needs the server.", Events),
    get("/health", HEALTH, "Alive, with a glance at what the server stands on.", Json("Health")),
    get("/api/v1/health", HEALTH, "The same.", Json("Health")),
    get("/health/live", HEALTH, "The process answers.", Json("Health")),
    get("/health/ready", HEALTH, "Ready for requests.", Json("Health")).probe(),
    get("/_stcore/health", HEALTH, "The same as /health/ready.", Json("Health")).probe(),
    get("/health/detailed", HEALTH, "Each component.", Json("HealthDetailed")).probe(),
    get("/metrics", HEALTH, "Figures for Prometheus.", Text("text/plain")),
    get("/api/v1/metrics", HEALTH, "The same.", Text("text/plain")),
    get("/openapi.json", HEALTH, "This description.", Text("application/json")),
    list("/api/v1/audit", AUDIT, "The audit log, newest first: an administrator sees all of it, an owner what happened in their project.", "AuditRow").query(AUDIT_FILTERS),
    get("/api/v1/audit/export", AUDIT, "The same as a file; the export is told in the log.", Rows).query(AUDIT_EXPORT),
    op("POST", "/api/v1/audit/verify", AUDIT, "Recompute the chain of the log and name the first bad row.", Json("AuditReport")),
    get("/v1/organization/audit_logs", AUDIT, "The audit log as OpenAI has it.", Json("AuditLogs")).query(AUDIT_LOGS),
    post("/api/v1/fsck", WORKERS, "Check the whole installation, for `hanok fsck`.", Json("Fsck"), Json("FsckReport")),
    worker("/worker/v1/register", "A worker registers."),
    worker("/worker/v1/lease", "It asks for work."),
    worker("/worker/v1/heartbeat", "It lives."),
    worker("/worker/v1/events", "It tells events.").status(204),
    worker("/worker/v1/complete", "It ends a job.").status(204),
    worker("/worker/v1/leave", "It leaves.").status(204),
];

/// The operation of a route.
pub fn find(method: &str, path: &str) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|op| op.method == method && op.path == path)
}
