//! Evaluations listed and looked at.

use hanok_domain::fault::Fault;

use super::{EvalView, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's evaluations, newest first.
    pub async fn evals(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<EvalView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found = self
            .store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for eval in tx.evals().list(project, rows).await? {
                    found.push(view(&tx, eval).await?);
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(found, |eval| &eval.id, |eval| eval))
    }

    /// One evaluation.
    pub async fn eval(&self, caller: &Caller, id: &str) -> Result<EvalView, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let eval = tx.evals().get(project, id).await?;
                let eval = eval.ok_or_else(|| Fault::not_found("evaluation", id))?;
                view(&tx, eval).await
            })
            .await
    }
}
