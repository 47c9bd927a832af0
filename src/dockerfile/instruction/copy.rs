//! `COPY` and `ADD`: sources, inline documents among them, and the destination.

use smallvec::SmallVec;

use super::super::ast::{Copy, Document, Keyword, Word};
use super::super::{flags, heredoc};
use super::Builder;
use crate::diagnostic::{Code, Diagnostic};

impl<'a> Builder<'_, 'a, '_> {
    pub(super) fn copy(&mut self, keyword: Keyword) -> Option<&'a Copy<'a>> {
        let mut items = self.items();
        let Some(destination) = items.pop().filter(|_| !items.is_empty()) else {
            self.bad_arguments(format!("{keyword} needs at least one source and a destination"));
            return None;
        };
        let opening = |text: &str| heredoc::opening(text).ok().flatten();
        if opening(destination.text).is_some() {
            let message = format!("{keyword} cannot copy into an inline document");
            self.refuse(Diagnostic::error(Code::BadArguments, message).span(destination.span));
        }
        let mut documents = SmallVec::<[Document<'a>; 4]>::new();
        items.retain(|item: &mut Word<'a>| {
            let opening = if item.text.contains("<<") { opening(item.text) } else { None };
            documents.extend(opening.as_ref().map(|opening| self.document(opening)));
            opening.is_none()
        });
        let flags = self.raw.flags;
        let arena = self.parser.arena;
        let exclude: SmallVec<[&str; 8]> =
            flags.iter().filter(|flag| flag.name == "exclude").filter_map(|flag| flag.value).collect();
        Some(arena.node(Copy {
            sources: arena.list(&items),
            documents: arena.list(&documents),
            destination,
            from: flags::find(flags, "from").and_then(|flag| flag.value).filter(|from| !from.is_empty()),
            chown: flags::text(flags, "chown"),
            chmod: flags::text(flags, "chmod"),
            link: flags::switch(flags, "link").unwrap_or_default(),
            parents: flags::switch(flags, "parents").unwrap_or_default(),
            exclude: arena.list(&exclude),
            checksum: flags::text(flags, "checksum"),
            keep_git_dir: flags::switch(flags, "keep-git-dir"),
            unpack: flags::switch(flags, "unpack"),
        }))
    }

    fn document(&self, opening: &heredoc::Opening) -> Document<'a> {
        let arena = self.parser.arena;
        let content =
            self.heredocs.iter().rfind(|heredoc| heredoc.name == opening.name).map_or("", |h| h.content.text);
        let content = if opening.chomp { arena.keep(&heredoc::chomp(content)) } else { content };
        Document { name: arena.keep(&opening.name), content, expand: opening.expand }
    }
}
