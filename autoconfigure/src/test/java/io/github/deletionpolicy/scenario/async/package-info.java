/**
 * Deletes that go batch by batch in the background.
 */
@NullMarked
package io.github.deletionpolicy.scenario.async;

import org.jspecify.annotations.NullMarked;
