/**
 * What a purge removes, when, beside whom, and what it survives.
 */
@NullMarked
package io.github.deletionpolicy.scenario.purge;

import org.jspecify.annotations.NullMarked;
