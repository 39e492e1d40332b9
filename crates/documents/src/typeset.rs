//! The typesetter's world: one template, one piece of data and the embedded fonts, all in memory.

use std::sync::LazyLock;

use domain::time::{Millis, local_datetime};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use crate::DocumentError;

/// Minutes by which local time (UTC+7) is ahead of UTC.
const LOCAL_OFFSET_MINUTES: i32 = 420;

/// Compilations for which results that were not used again stay in the typesetter's cache.
const CACHE_AGE_MAX: usize = 3;

/// The path under which a template finds its data.
const DATA_PATH: &str = "/data.json";

const FONT_FILES: [&[u8]; 7] = [
    include_bytes!("../fonts/BeVietnamPro_400Regular.ttf"),
    include_bytes!("../fonts/BeVietnamPro_600SemiBold.ttf"),
    include_bytes!("../fonts/BeVietnamPro_700Bold.ttf"),
    include_bytes!("../fonts/Tinos_400Regular.ttf"),
    include_bytes!("../fonts/Tinos_400Regular_Italic.ttf"),
    include_bytes!("../fonts/Tinos_700Bold.ttf"),
    include_bytes!("../fonts/Tinos_700Bold_Italic.ttf"),
];

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONT_FILES.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// A template of this crate: a name for messages and its source.
pub(crate) struct Template {
    /// Absolute path inside the typesetter's world.
    pub(crate) path: &'static str,
    /// Typst source.
    pub(crate) source: &'static str,
}

struct TemplateWorld {
    main: Source,
    data_id: FileId,
    data: Bytes,
    today: Option<Datetime>,
}

impl World for TemplateWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_id { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// Sets a template with its data as PDF 1.7, stamped with the given instant. The same input gives the same bytes.
///
/// # Errors
/// [`DocumentError::Json`] when the data does not serialise, [`DocumentError::Typeset`] when the template fails.
pub(crate) fn typeset_pdf(
    template: &Template,
    data: &impl serde::Serialize,
    now: Millis,
) -> Result<Vec<u8>, DocumentError> {
    let at = local_datetime(now);
    let datetime = Datetime::from_ymd_hms(
        at.year().into(),
        at.month().unsigned_abs(),
        at.day().unsigned_abs(),
        at.hour().unsigned_abs(),
        at.minute().unsigned_abs(),
        at.second().unsigned_abs(),
    );
    let world = TemplateWorld {
        main: Source::new(file_id(template.path)?, template.source.to_owned()),
        data_id: file_id(DATA_PATH)?,
        data: Bytes::new(serde_json::to_vec(data)?),
        today: datetime,
    };
    let result = typst::compile::<PagedDocument>(&world).output.map_err(|errors| failed(&errors));
    let pdf = result.and_then(|document| {
        let options = PdfOptions {
            creator: Smart::Custom(Some("Vào Ra".to_owned())),
            timestamp: datetime.and_then(|datetime| Timestamp::new_local(datetime, LOCAL_OFFSET_MINUTES)),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| failed(&errors))
    });
    typst::comemo::evict(CACHE_AGE_MAX);
    pdf
}

fn file_id(path: &str) -> Result<FileId, DocumentError> {
    let path = VirtualPath::new(path).map_err(|_| DocumentError::Typeset(format!("bad path {path}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn failed(errors: &[SourceDiagnostic]) -> DocumentError {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    DocumentError::Typeset(messages.join("; "))
}
