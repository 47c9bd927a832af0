//! The grammar of GitHub's expressions.

/// Expressions nested deeper than this are not read.
const MAX_DEPTH: u32 = 50;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A context, such as `matrix`.
    Context(String),
    Property(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    /// `.*`
    Each(Box<Expr>),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
}

/// An operator between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Reads an expression. `None` if it is not one.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser { rest: text, depth: 0 };
    let expr = parser.or()?;
    parser.blank();
    parser.rest.is_empty().then_some(expr)
}

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl Parser<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blank();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut left = self.and()?;
        while self.eat("||") {
            left = Expr::Binary(Op::Or, Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut left = self.equality()?;
        while self.eat("&&") {
            left = Expr::Binary(Op::And, Box::new(left), Box::new(self.equality()?));
        }
        Some(left)
    }

    fn equality(&mut self) -> Option<Expr> {
        let mut left = self.comparison()?;
        loop {
            let op = if self.eat("==") {
                Op::Eq
            } else if self.eat("!=") {
                Op::Ne
            } else {
                return Some(left);
            };
            left = Expr::Binary(op, Box::new(left), Box::new(self.comparison()?));
        }
    }

    fn comparison(&mut self) -> Option<Expr> {
        let mut left = self.unary()?;
        loop {
            let op = if self.eat("<=") {
                Op::Le
            } else if self.eat(">=") {
                Op::Ge
            } else if self.eat("<") {
                Op::Lt
            } else if self.eat(">") {
                Op::Gt
            } else {
                return Some(left);
            };
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Option<Expr> {
        self.blank();
        let mut nots = 0_usize;
        while self.rest.starts_with('!') && !self.rest.starts_with("!=") {
            self.rest = &self.rest[1..];
            self.blank();
            nots += 1;
        }
        let mut expr = self.postfix()?;
        // Two of them make a boolean; more change nothing but its sense.
        for _ in 0..if nots > 1 { 2 - nots % 2 } else { nots } {
            expr = Expr::Not(Box::new(expr));
        }
        if nots > 1 && nots % 2 == 1 {
            expr = Expr::Not(Box::new(Expr::Not(Box::new(expr))));
        }
        Some(expr)
    }

    fn postfix(&mut self) -> Option<Expr> {
        let mut expr = self.primary()?;
        loop {
            if self.eat(".") {
                expr = if self.eat("*") {
                    Expr::Each(Box::new(expr))
                } else {
                    Expr::Property(Box::new(expr), self.name()?)
                };
            } else if self.eat("[") {
                if self.eat("*") {
                    expr = Expr::Each(Box::new(expr));
                } else {
                    expr = Expr::Index(Box::new(expr), Box::new(self.or()?));
                }
                if !self.eat("]") {
                    return None;
                }
            } else {
                return Some(expr);
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        self.blank();
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn primary(&mut self) -> Option<Expr> {
        if self.eat("(") {
            let expr = self.or()?;
            return self.eat(")").then_some(expr);
        }
        if self.eat("'") {
            return self.quoted();
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return self.number();
        }
        let name = self.name()?;
        if self.eat("(") {
            let mut args = Vec::new();
            while !self.eat(")") {
                if !args.is_empty() && !self.eat(",") {
                    return None;
                }
                args.push(self.or()?);
            }
            return Some(Expr::Call(name.to_ascii_lowercase(), args));
        }
        Some(match name.as_str() {
            "null" => Expr::Null,
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            _ => Expr::Context(name.to_ascii_lowercase()),
        })
    }

    /// The rest of a text in single quotes, where two stand for one.
    fn quoted(&mut self) -> Option<Expr> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'')?;
            text.push_str(part);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    self.rest = rest;
                }
                None => return Some(Expr::Text(text)),
            }
        }
    }

    fn number(&mut self) -> Option<Expr> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-')));
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let value = match digits.strip_prefix("0x") {
            Some(hex) => f64::from(u32::from_str_radix(hex, 16).ok()?),
            None => digits.parse().ok()?,
        };
        Some(Expr::Number(value))
    }
}
