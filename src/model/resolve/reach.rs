//! Which stages need each other: circles, and what a target reaches.

use smallvec::SmallVec;

use super::{Base, Link, Model, Phase, Resolution, StateIx};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::StageIx;
use crate::source::Line;

impl<'a> Model<'a> {
    /// The stages that a stage's own instructions take files from, with the instruction that does.
    fn dependencies(&self, stage: StageIx) -> impl Iterator<Item = (StageIx, Line)> {
        let stage = &self.layout.stages[stage.index()];
        let count = self.layout.stages.len() as u32;
        stage.body.iter().enumerate().flat_map(move |(at, instruction)| {
            linked(self.layout.links[stage.first + at])
                .filter(move |state| state.0 < count)
                .map(move |state| (StageIx(state.0), instruction.line))
        })
    }

    /// Fails where stages take files from each other in a circle.
    pub(super) fn find_circle(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum Visit {
            Not,
            Open,
            Done,
        }
        let mut visits = vec![Visit::Not; self.layout.stages.len()];
        let mut path: SmallVec<[_; 4]> = SmallVec::new();
        for root in (0..self.layout.stages.len()).map(StageIx::new) {
            if visits[root.index()] != Visit::Not {
                continue;
            }
            visits[root.index()] = Visit::Open;
            path.push((root, self.dependencies(root)));
            while let Some((stage, next)) = path.last_mut() {
                let Some((dependency, _)) = next.next() else {
                    visits[stage.index()] = Visit::Done;
                    path.pop();
                    continue;
                };
                match visits[dependency.index()] {
                    Visit::Done => {}
                    Visit::Not => {
                        visits[dependency.index()] = Visit::Open;
                        path.push((dependency, self.dependencies(dependency)));
                    }
                    Visit::Open => {
                        let (from, to) = match &path[..] {
                            [(first, ..), (second, ..), ..] => (*first, *second),
                            _ => (root, dependency),
                        };
                        // BuildKit keeps one instruction for each pair of stages: the last.
                        let lines =
                            self.dependencies(from).filter(|(stage, _)| *stage == to).map(|(_, line)| line);
                        let blamed = lines.last().unwrap_or(Line(1));
                        let name = self.layout.stages[dependency.index()]
                            .name
                            .map_or_else(String::new, |n| format!(" {n:?}"));
                        let message =
                            format!("the stage{name} needs itself, directly or through other stages");
                        drop(path);
                        self.fail_all(
                            Phase::References,
                            Diagnostic::error(Code::CircularStages, message).at(blamed),
                        );
                        return;
                    }
                }
            }
        }
    }

    /// Marks what is needed by some stages and images, and what that needs; those that were not needed before, in the order
    /// of the file.
    pub(super) fn reach(
        &self,
        mut open: SmallVec<[StateIx; 16]>,
        resolution: &mut Resolution<'a>,
    ) -> SmallVec<[StateIx; 16]> {
        let mut reachable = std::mem::take(&mut resolution.reachable);
        reachable.resize(resolution.bases.len(), false);
        let mut new = SmallVec::new();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut reachable[state.0 as usize], true) {
                continue;
            }
            if let Base::Stage(base) = resolution.bases[state.0 as usize] {
                open.push(Self::state_of(base));
            }
            new.push(state);
            let Some(stage) = self.layout.stages.get(state.0 as usize) else { continue };
            let own = &self.layout.links[stage.first..stage.first + stage.body.len()];
            let triggers = resolution.triggers.get(&StageIx(state.0)).into_iter().flatten();
            open.extend(own.iter().copied().chain(triggers.map(|trigger| trigger.link)).flat_map(linked));
        }
        resolution.reachable = reachable;
        new.sort_unstable();
        new
    }
}

pub(super) fn linked(link: Link<'_>) -> impl Iterator<Item = StateIx> {
    let (one, many) = match link {
        Link::None => (None, &[][..]),
        Link::Copy(state) => (Some(state), &[][..]),
        Link::Mounts(states) => (None, states),
    };
    one.into_iter().chain(many.iter().copied())
}
