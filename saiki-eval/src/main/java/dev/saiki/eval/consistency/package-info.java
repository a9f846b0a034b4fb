/// Audits of consistency: whether depth or answers depend on what they should not, such as paraphrase,
/// format, language or customer group ({@link dev.saiki.eval.consistency.ConsistencyAudit}).
package dev.saiki.eval.consistency;
