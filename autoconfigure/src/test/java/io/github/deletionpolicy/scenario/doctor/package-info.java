/**
 * What the doctor finds, and what it prints.
 */
@NullMarked
package io.github.deletionpolicy.scenario.doctor;

import org.jspecify.annotations.NullMarked;
