//! Looking through tokens: texts, and codes that are made by hand.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

/// The value of a token that is a text.
pub(crate) fn text_of(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

/// The first text of `tokens`, at the outermost level.
pub(crate) fn first_text(tokens: &TokenStream) -> Option<String> {
    tokens.clone().into_iter().find_map(|token| text_of(&token))
}

/// The first text of an expression, at any level.
pub(crate) fn first_code(expression: &syn::Expr) -> Option<String> {
    let mut texts = Vec::new();
    texts_within(expression.to_token_stream(), &mut texts);
    texts.into_iter().find(|text| text.contains('/'))
}

/// Every text within `tokens`, but not those of doc comments.
pub(crate) fn texts_within(tokens: TokenStream, texts: &mut Vec<String>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in all.iter().enumerate() {
        match token {
            TokenTree::Group(group) if !is_doc(&all, index) => texts_within(group.stream(), texts),
            token => texts.extend(text_of(token)),
        }
    }
}

/// Whether the token at `index` is what follows the `#` of a doc comment.
pub(crate) fn is_doc(all: &[TokenTree], index: usize) -> bool {
    let TokenTree::Group(group) = &all[index] else { return false };
    let hash = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if matches!(sign.as_char(), '#' | '!'));
    let first = group.stream().into_iter().next();
    index > 0 && hash(&all[index - 1]) && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

/// Codes that the catalogue cannot see: `Failure::new("...")`, `failure.code = ...`, and a text in a hand-written `fn code`.
pub(crate) fn raw_codes(source: &str) -> Result<Vec<String>, String> {
    let tokens: TokenStream = source.parse().map_err(|error: proc_macro2::LexError| error.to_string())?;
    let mut found = Vec::new();
    search(tokens, &mut found);
    Ok(found)
}

fn search(tokens: TokenStream, found: &mut Vec<String>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let name = |index: usize| match all.get(index) {
        Some(TokenTree::Ident(name)) => name.to_string(),
        Some(TokenTree::Punct(sign)) => sign.as_char().to_string(),
        _ => String::new(),
    };
    let mut index = 0;
    while index < all.len() {
        let window = [name(index), name(index + 1), name(index + 2), name(index + 3)];
        let window: Vec<&str> = window.iter().map(String::as_str).collect();
        if window[0] == "mod" && window[1] == "tests" {
            return;
        }
        if window[..] == ["Failure", ":", ":", "new"]
            && let Some(TokenTree::Group(arguments)) = all.get(index + 4)
        {
            found.extend(made(arguments.stream()).map(|code| format!("`Failure::new({code})`")));
        }
        if window[..3] == [".", "code", "="] && window[3] != "=" {
            let rest: TokenStream = all[index + 3..].iter().take_while(|token| !is_end(token)).cloned().collect();
            found.extend(made(rest).map(|code| format!("`.code = {code}`")));
        }
        if window[..2] == ["fn", "code"] {
            let body = all[index..].iter().find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => Some(group.stream()),
                _ => None,
            });
            let mut texts = Vec::new();
            texts_within(body.unwrap_or_default(), &mut texts);
            found.extend(
                texts.into_iter().filter(|text| text.contains('/')).map(|text| format!("`fn code` with `{text}`")),
            );
        }
        if let TokenTree::Group(group) = &all[index] {
            search(group.stream(), found);
        }
        index += 1;
    }
}

fn is_end(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';')
}

/// The text that stands first in `tokens`, alone or in a `format!`.
fn made(tokens: TokenStream) -> Option<String> {
    let mut tokens = tokens.into_iter();
    match tokens.next()? {
        TokenTree::Ident(name) if name == "format" => {
            let _ = tokens.next();
            Some(format!("format!{}", tokens.next()?))
        }
        token => text_of(&token),
    }
}
