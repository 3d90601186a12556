/**
 * Holds the policies against the database, and says what does not fit and how to mend it.
 */
@NullMarked
package io.github.deletionpolicy.doctor;

import org.jspecify.annotations.NullMarked;
