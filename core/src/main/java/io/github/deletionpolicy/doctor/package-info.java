/**
 * Checks the policies against the database, and says what does not fit and how to fix it.
 */
@NullMarked
package io.github.deletionpolicy.doctor;

import org.jspecify.annotations.NullMarked;
