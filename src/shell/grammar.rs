//! The grammar's names, looked up once: comparing numbers is what makes a walk over a tree cheap.

use std::num::NonZeroU16;
use std::sync::LazyLock;

use tree_sitter::{Language, Parser};

/// The kinds of nodes and the fields that the walk knows.
pub(super) struct Grammar {
    pub(super) c_style_for_statement: u16,
    pub(super) case_item: u16,
    pub(super) command: u16,
    pub(super) elif_clause: u16,
    pub(super) else_clause: u16,
    pub(super) for_statement: u16,
    pub(super) function_definition: u16,
    pub(super) heredoc_body: u16,
    pub(super) heredoc_redirect: u16,
    pub(super) herestring_redirect: u16,
    pub(super) if_statement: u16,
    pub(super) pipeline: u16,
    pub(super) redirected_statement: u16,
    pub(super) variable_assignment: u16,
    pub(super) while_statement: u16,
    /// `||`
    pub(super) or: u16,
    /// Words that are as long as they look.
    pub(super) literals: [u16; 4],
    pub(super) argument: NonZeroU16,
    pub(super) body: NonZeroU16,
    pub(super) condition: NonZeroU16,
    pub(super) name: NonZeroU16,
    pub(super) redirect: NonZeroU16,
    pub(super) value: NonZeroU16,
}

/// The grammar of the shell.
pub(super) fn grammar() -> &'static Grammar {
    static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| Grammar::of(&language()));
    &GRAMMAR
}

/// A parser of the shell.
pub(super) fn parser() -> Parser {
    let mut parser = Parser::new();
    // Fails for a grammar of another ABI only; then there is no tree, and no command is found.
    let set = parser.set_language(&language());
    debug_assert!(set.is_ok(), "the grammar and the parser go together");
    parser
}

fn language() -> Language {
    tree_sitter_bash::LANGUAGE.into()
}

impl Grammar {
    fn of(language: &Language) -> Self {
        let kind = |name| language.id_for_node_kind(name, true);
        // A field that there is not is one that no child fills.
        let field = |name| language.field_id_for_name(name).unwrap_or(NonZeroU16::MAX);
        Self {
            c_style_for_statement: kind("c_style_for_statement"),
            case_item: kind("case_item"),
            command: kind("command"),
            elif_clause: kind("elif_clause"),
            else_clause: kind("else_clause"),
            for_statement: kind("for_statement"),
            function_definition: kind("function_definition"),
            heredoc_body: kind("heredoc_body"),
            heredoc_redirect: kind("heredoc_redirect"),
            herestring_redirect: kind("herestring_redirect"),
            if_statement: kind("if_statement"),
            pipeline: kind("pipeline"),
            redirected_statement: kind("redirected_statement"),
            variable_assignment: kind("variable_assignment"),
            while_statement: kind("while_statement"),
            or: language.id_for_node_kind("||", false),
            literals: [kind("word"), kind("raw_string"), kind("number"), kind("string")],
            argument: field("argument"),
            body: field("body"),
            condition: field("condition"),
            name: field("name"),
            redirect: field("redirect"),
            value: field("value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_has_every_name() {
        let language = language();
        let grammar = grammar();
        let kinds = [
            grammar.c_style_for_statement,
            grammar.case_item,
            grammar.command,
            grammar.elif_clause,
            grammar.else_clause,
            grammar.for_statement,
            grammar.function_definition,
            grammar.heredoc_body,
            grammar.heredoc_redirect,
            grammar.herestring_redirect,
            grammar.if_statement,
            grammar.pipeline,
            grammar.redirected_statement,
            grammar.variable_assignment,
            grammar.while_statement,
            grammar.or,
        ];
        for kind in kinds.into_iter().chain(grammar.literals) {
            assert_ne!(kind, 0, "a kind of node that the grammar does not have");
        }
        let fields = [
            grammar.argument,
            grammar.body,
            grammar.condition,
            grammar.name,
            grammar.redirect,
            grammar.value,
        ];
        for field in fields {
            assert!(language.field_name_for_id(field.get()).is_some());
        }
    }
}
