/**
 * What is written about findings.
 */
@NullMarked
package io.github.deletionpolicy.doctor;

import org.jspecify.annotations.NullMarked;
