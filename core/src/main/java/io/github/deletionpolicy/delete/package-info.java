/**
 * Carries out deletes and restores: reads ids and criteria, and runs the statements.
 */
@NullMarked
package io.github.deletionpolicy.delete;

import org.jspecify.annotations.NullMarked;
