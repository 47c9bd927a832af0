//! The type that several values have in common, as conditionals and collections ask for it.

use super::Type;
use super::convert::exists;

/// What types have in common.
#[derive(Debug, Clone)]
pub(crate) struct Unified {
    /// The type that all convert to.
    pub(crate) ty: Type,
    /// Some of it cannot be known, so no value of this type can.
    pub(crate) unknown: bool,
}

impl Unified {
    fn of(ty: Type) -> Self {
        Self { ty, unknown: false }
    }
}

/// The type that all of `types` convert to; with `lossy`, also by conversions that may fail.
pub(crate) fn unify(types: &[Type], lossy: bool) -> Option<Unified> {
    let count = |is: fn(&Type) -> bool| types.iter().filter(|&ty| is(ty)).count();
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let open = count(|ty| *ty == Type::Dynamic);
    let all = types.len();
    if all == 0 {
        return None;
    }
    if maps > 0 && maps + open == all {
        return collections(types, open > 0, lossy, Type::map);
    }
    if maps > 0 && maps + objects + open == all {
        if let Some(unified) = mixed(types, lossy, |ty| matches!(ty, Type::Object(_)), objects_to_map)
            && matches!(unified.ty, Type::Map(_))
        {
            return Some(unified);
        }
    } else if lists > 0 && lists + open == all {
        return collections(types, open > 0, lossy, Type::list);
    } else if lists > 0 && lists + tuples + open == all {
        if let Some(unified) = mixed(types, lossy, |ty| matches!(ty, Type::Tuple(_)), tuples_to_list)
            && matches!(unified.ty, Type::List(_))
        {
            return Some(unified);
        }
    } else if sets > 0 && sets + open == all {
        return collections(types, open > 0, lossy, Type::set);
    } else if objects > 0 && objects + open == all {
        return objects_alike(types, open > 0, lossy);
    } else if tuples > 0 && tuples + open == all {
        return tuples_alike(types, open > 0, lossy);
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    preferred(types)
        .into_iter()
        .map(|index| &types[index])
        .find(|&wanted| types.iter().all(|ty| ty == wanted || exists(ty, wanted, lossy)))
        .map(|ty| Unified::of(ty.clone()))
}

fn convertible(types: &[Type], wanted: &Type, lossy: bool) -> bool {
    types.iter().all(|ty| ty == wanted || exists(ty, wanted, lossy))
}

fn all_unknown() -> Unified {
    Unified { ty: Type::Dynamic, unknown: true }
}

fn collections(types: &[Type], open: bool, lossy: bool, make: fn(Type) -> Type) -> Option<Unified> {
    if open {
        return Some(all_unknown());
    }
    let elements: Vec<Type> = types.iter().filter_map(|ty| ty.element().cloned()).collect();
    let ty = make(unify(&elements, lossy)?.ty);
    convertible(types, &ty, lossy).then(|| Unified::of(ty))
}

/// Structures beside collections: as collections themselves.
fn mixed(
    types: &[Type],
    lossy: bool,
    is: fn(&Type) -> bool,
    collect: fn(&[Type], bool) -> Option<Unified>,
) -> Option<Unified> {
    let structures: Vec<Type> = types.iter().filter(|ty| is(ty)).cloned().collect();
    let collected = collect(&structures, lossy)?.ty;
    let types: Vec<Type> =
        types.iter().map(|ty| if is(ty) { collected.clone() } else { ty.clone() }).collect();
    unify(&types, lossy)
}

fn objects_to_map(types: &[Type], lossy: bool) -> Option<Unified> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Object(object) = ty {
            elements.extend(object.types.values().cloned());
        }
    }
    let ty = Type::map(unify(&elements, lossy)?.ty);
    convertible(types, &ty, lossy).then(|| Unified::of(ty))
}

fn tuples_to_list(types: &[Type], lossy: bool) -> Option<Unified> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Tuple(tuple) = ty {
            elements.extend(tuple.iter().cloned());
        }
    }
    let ty = Type::list(unify(&elements, lossy)?.ty);
    convertible(types, &ty, lossy).then(|| Unified::of(ty))
}

fn objects_alike(types: &[Type], open: bool, lossy: bool) -> Option<Unified> {
    if open {
        return Some(all_unknown());
    }
    let objects: Vec<_> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(object) => Some(object),
            _ => None,
        })
        .collect();
    let first = objects.first()?;
    if objects.iter().any(|object| !object.types.keys().eq(first.types.keys())) {
        return objects_to_map(types, lossy);
    }
    let mut attributes = Vec::new();
    for name in first.types.keys() {
        let across: Vec<Type> = objects.iter().filter_map(|object| object.types.get(name).cloned()).collect();
        attributes.push((name.clone(), unify(&across, lossy)?.ty));
    }
    let ty = Type::object(attributes);
    if convertible(types, &ty, lossy) { Some(Unified::of(ty)) } else { objects_to_map(types, lossy) }
}

fn tuples_alike(types: &[Type], open: bool, lossy: bool) -> Option<Unified> {
    if open {
        return Some(all_unknown());
    }
    let tuples: Vec<_> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(tuple) => Some(tuple),
            _ => None,
        })
        .collect();
    let first = tuples.first()?;
    if tuples.iter().any(|tuple| tuple.len() != first.len()) {
        return tuples_to_list(types, lossy);
    }
    let mut elements = Vec::new();
    for index in 0..first.len() {
        let across: Vec<Type> = tuples.iter().filter_map(|tuple| tuple.get(index).cloned()).collect();
        elements.push(unify(&across, lossy)?.ty);
    }
    let ty = Type::tuple(elements);
    if convertible(types, &ty, lossy) { Some(Unified::of(ty)) } else { tuples_to_list(types, lossy) }
}

/// Indices of types, the more general before those that convert to them.
fn preferred(types: &[Type]) -> Vec<usize> {
    let mut after = vec![Vec::new(); types.len()];
    let mut before = vec![0usize; types.len()];
    for i in 0..types.len() {
        for j in i + 1..types.len() {
            let (first, second) = match generality(&types[i], &types[j]) {
                0 => continue,
                order if order < 0 => (i, j),
                _ => (j, i),
            };
            after[first].push(second);
            before[second] += 1;
        }
    }
    let mut order: Vec<usize> = (0..types.len()).filter(|&index| before[index] == 0).collect();
    let mut next = 0;
    while let Some(&index) = order.get(next) {
        next += 1;
        for &other in &after[index] {
            before[other] -= 1;
            if before[other] == 0 {
                order.push(other);
            }
        }
    }
    order
}

/// Below zero where `a` is the more general of both.
#[expect(clippy::match_same_arms, reason = "the arms go by kinds of types, and the first that fits counts")]
fn generality(a: &Type, b: &Type) -> i32 {
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => 0,
        (Type::Dynamic, _) => 1,
        (_, Type::Dynamic) => -1,
        (Type::String, b) if b.is_primitive() => {
            if *b == Type::String {
                0
            } else {
                -1
            }
        }
        (a, Type::String) if a.is_primitive() => 1,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            generality(a, b)
        }
        (Type::Tuple(_) | Type::List(_), Type::Set(_))
        | (Type::List(_), Type::Tuple(_))
        | (Type::Map(_), Type::Object(_)) => -1,
        (Type::Set(_), Type::Tuple(_) | Type::List(_))
        | (Type::Tuple(_), Type::List(_))
        | (Type::Object(_), Type::Map(_)) => 1,
        (Type::Object(a), Type::Object(b)) => {
            if !a.types.keys().eq(b.types.keys()) {
                return 0;
            }
            all_of(a.types.values().zip(b.types.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => all_of(a.iter().zip(b.iter())),
        _ => 0,
    }
}

fn all_of<'a>(pairs: impl Iterator<Item = (&'a Type, &'a Type)>) -> i32 {
    let (mut less, mut more) = (false, false);
    for (a, b) in pairs {
        match generality(a, b) {
            0 => {}
            order if order < 0 => less = true,
            _ => more = true,
        }
    }
    match (less, more) {
        (true, false) => -1,
        (false, true) => 1,
        _ => 0,
    }
}
