/// Recipes: one YAML file defines one run.
///
/// A {@link dev.saiki.train.recipe.Recipe} is read in layers: the file that `extends` names, the file itself,
/// `--set` overrides. Most sections are records, whose defaults are documented constants and whose keys are the
/// record's components in snake_case. An unknown key or an invalid value causes an
/// {@link dev.saiki.io.InputException} that names the key's path; all problems are reported together.
package dev.saiki.train.recipe;
