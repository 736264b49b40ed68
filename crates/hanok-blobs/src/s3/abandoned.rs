//! Uploads in parts that nobody ended: found and aborted, or their parts would be paid for for ever.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use object_store::multipart::MultipartStore;
use object_store::path::Path;

use super::failure::answer_in;
use super::service::Service;
use super::signed::encode;
use super::wire::element;
use crate::{Leftover, ObjectError};

const ACTION: &str = "list uploads";

/// One page of an answer.
#[derive(Debug, Default, PartialEq)]
struct Page {
    uploads: Vec<Begun>,
    /// The key and the id after which the next page begins.
    next: Option<(String, String)>,
}

#[derive(Debug, PartialEq)]
struct Begun {
    key: String,
    id: String,
    begun: String,
}

impl Service {
    /// Uploads of objects, of writers at work and of dead ones.
    pub(super) async fn uploads(&self) -> Result<Vec<Leftover>, ObjectError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let query = query(self.keys.base(), after.as_ref());
            let list = || self.page(&query);
            let page = self.persist(ACTION, 0, list).await?;
            let page = page.ok_or_else(|| self.place.missing())?;
            found.extend(page.uploads.into_iter().map(|upload| self.leftover(upload)));
            // A service that names the same place again would keep us here for ever.
            if page.next.is_none() || page.next == after {
                return Ok(found);
            }
            after = page.next;
        }
    }

    async fn page(&self, query: &str) -> object_store::Result<Page> {
        match self.ask("GET", query, "").await {
            Ok(text) => Ok(parse(&text)),
            Err(error) if answer_in(&error).is_some_and(|answer| answer.status == 501) => {
                tracing::debug!("the service does not list uploads");
                Ok(Page::default())
            }
            Err(error) => Err(error),
        }
    }

    fn leftover(&self, upload: Begun) -> Leftover {
        Leftover {
            path: PathBuf::from(format!("s3://{}/{}", self.place.bucket, upload.key)),
            size: 0,
            idle: since(&upload.begun),
            upload: Some(upload.id),
        }
    }

    /// Aborts an upload; false if it was ended already.
    pub(super) async fn abort(&self, left: &Leftover) -> Result<bool, ObjectError> {
        let bucket = format!("s3://{}/", self.place.bucket);
        let path = left.path.to_string_lossy();
        let (Some(key), Some(id)) = (path.strip_prefix(&bucket), &left.upload) else {
            return Ok(false);
        };
        let key = Path::from(key);
        let abort = || self.store.abort_multipart(&key, id);
        let aborted = self.persist("abort an upload", 0, abort).await?;
        Ok(aborted.is_some())
    }

    /// Aborts what was begun `age` ago; tells how many.
    pub(super) async fn sweep(&self, age: Duration) -> Result<u64, ObjectError> {
        let mut aborted = 0;
        for left in self.uploads().await? {
            if left.idle >= age && self.abort(&left).await? {
                aborted += 1;
            }
        }
        if aborted > 0 {
            tracing::info!(aborted, "aborted uploads of killed writers");
        }
        Ok(aborted)
    }
}

fn query(prefix: &str, after: Option<&(String, String)>) -> String {
    let prefix = encode(prefix);
    let Some((key, id)) = after else {
        return format!("?uploads=&prefix={prefix}");
    };
    let (key, id) = (encode(key), encode(id));
    format!("?key-marker={key}&prefix={prefix}&upload-id-marker={id}&uploads=")
}

fn parse(xml: &str) -> Page {
    let uploads = xml.split("<Upload>").skip(1).filter_map(|upload| {
        Some(Begun {
            key: text(upload, "Key")?,
            id: text(upload, "UploadId")?,
            begun: text(upload, "Initiated")?,
        })
    });
    let more = element(xml, "IsTruncated") == Some("true");
    let next = more.then(|| {
        let marker = |name| text(xml, name).unwrap_or_default();
        (marker("NextKeyMarker"), marker("NextUploadIdMarker"))
    });
    Page {
        uploads: uploads.collect(),
        next,
    }
}

fn text(xml: &str, name: &str) -> Option<String> {
    let mut text = element(xml, name)?.to_string();
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    Some(text)
}

/// Time since a moment that cannot be read counts as none: such an upload is left alone.
fn since(moment: &str) -> Duration {
    let Ok(begun) = moment.parse::<jiff::Timestamp>() else {
        return Duration::ZERO;
    };
    SystemTime::from(begun).elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_with_its_end() {
        let xml = "<ListMultipartUploadsResult><Bucket>b</Bucket><KeyMarker></KeyMarker>\
            <NextKeyMarker>objects/p/aa/2</NextKeyMarker><NextUploadIdMarker>i&amp;2</NextUploadIdMarker>\
            <IsTruncated>true</IsTruncated>\
            <Upload><Key>objects/p/aa/1</Key><UploadId>i1</UploadId>\
            <Initiated>2020-01-02T03:04:05.000Z</Initiated></Upload>\
            <Upload><Key>objects/p/aa/2</Key><UploadId>i&amp;2</UploadId>\
            <Initiated>2020-01-02T03:04:05Z</Initiated></Upload></ListMultipartUploadsResult>";
        let page = parse(xml);
        assert_eq!(page.uploads.len(), 2);
        assert_eq!(page.uploads[1].id, "i&2");
        let next = Some(("objects/p/aa/2".to_string(), "i&2".to_string()));
        assert_eq!(page.next, next);
        assert_eq!(parse("<ListMultipartUploadsResult/>"), Page::default());
    }

    #[test]
    fn an_upload_without_a_readable_moment_is_young() {
        assert!(since("2020-01-02T03:04:05.000Z") > Duration::from_secs(1 << 20));
        assert_eq!(since("yesterday"), Duration::ZERO);
        assert_eq!(since("2999-01-02T03:04:05Z"), Duration::ZERO);
    }

    #[test]
    fn markers_are_encoded() {
        let after = ("a/b".to_string(), "x+y=".to_string());
        assert_eq!(
            query("p/objects/", Some(&after)),
            "?key-marker=a%2Fb&prefix=p%2Fobjects%2F&upload-id-marker=x%2By%3D&uploads="
        );
    }
}
