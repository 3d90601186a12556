/**
 * The operator's page: what is pending, what was purged, pause and resume.
 */
@NullMarked
package io.github.deletionpolicy.sample.operator;

import org.jspecify.annotations.NullMarked;
