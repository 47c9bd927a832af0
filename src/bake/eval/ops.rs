//! Operators.

use std::cmp::Ordering;

use super::{Evaluated, Scope, fail};
use crate::bake::syntax::{Expr, Operator};
use crate::bake::value::{Number, Type, Value, convert};
use crate::source::Span;

impl Scope<'_> {
    fn operand(&self, expr: &Expr, ty: &Type) -> Evaluated {
        let value = self.value(expr)?;
        let value = convert(&value, ty).or_else(|error| fail(error, expr.span))?;
        if value.is_null() {
            return fail("an operand is null", expr.span);
        }
        Ok(value)
    }

    pub(super) fn not(&self, expr: &Expr) -> Evaluated {
        let value = self.operand(expr, &Type::Bool)?;
        Ok(value.as_bool().map_or(Value::unknown(Type::Bool), |value| Value::bool(!value)))
    }

    pub(super) fn negate(&self, expr: &Expr) -> Evaluated {
        let value = self.operand(expr, &Type::Number)?;
        Ok(value.as_number().map_or(Value::unknown(Type::Number), |value| Value::number(value.negate())))
    }

    pub(super) fn binary(&self, operator: Operator, [left, right]: &[Expr; 2], span: Span) -> Evaluated {
        match operator {
            Operator::And | Operator::Or => self.logical(operator == Operator::Or, left, right),
            Operator::Equal | Operator::NotEqual => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                if !a.is_known() || !b.is_known() {
                    return Ok(Value::unknown(Type::Bool));
                }
                self.spend(a.size().min(b.size()) / 16, span)?;
                Ok(Value::bool(a.equals(&b) == (operator == Operator::Equal)))
            }
            _ => {
                let (a, b) = (self.operand(left, &Type::Number)?, self.operand(right, &Type::Number)?);
                let (Some(a), Some(b)) = (a.as_number(), b.as_number()) else {
                    let compares = matches!(
                        operator,
                        Operator::Greater | Operator::GreaterEqual | Operator::Less | Operator::LessEqual
                    );
                    return Ok(Value::unknown(if compares { Type::Bool } else { Type::Number }));
                };
                numeric(operator, a, b).map_or_else(|| fail("the operation has no result", span), Ok)
            }
        }
    }

    /// One side that decides makes up for what is wrong with the other.
    fn logical(&self, decisive: bool, left: &Expr, right: &Expr) -> Evaluated {
        let (a, b) = (self.operand(left, &Type::Bool), self.operand(right, &Type::Bool));
        if self.world.budget.is_spent() {
            a.as_ref().map_err(Clone::clone)?;
            b.as_ref().map_err(Clone::clone)?;
        }
        if let Ok(value) = &a
            && value.as_bool() == Some(decisive)
        {
            return a;
        }
        let (a, b) = (a?, b?);
        Ok(match (a.as_bool(), b.as_bool()) {
            (Some(_), Some(b)) => Value::bool(b),
            (_, Some(b)) if b == decisive => Value::bool(decisive),
            _ => Value::unknown(Type::Bool),
        })
    }
}

fn numeric(operator: Operator, a: &Number, b: &Number) -> Option<Value> {
    let order = a.compare(b);
    Some(match operator {
        Operator::Greater => Value::bool(order == Ordering::Greater),
        Operator::GreaterEqual => Value::bool(order != Ordering::Less),
        Operator::Less => Value::bool(order == Ordering::Less),
        Operator::LessEqual => Value::bool(order != Ordering::Greater),
        Operator::Add => Value::number(a.add(b)?),
        Operator::Subtract => Value::number(a.add(&b.negate())?),
        Operator::Multiply => Value::number(a.multiply(b)?),
        Operator::Divide => Value::number(a.divide(b)?),
        Operator::Modulo => Value::number(a.modulo(b)?),
        _ => return None,
    })
}
