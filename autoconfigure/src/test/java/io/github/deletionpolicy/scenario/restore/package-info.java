/**
 * What a restore brings back.
 */
@NullMarked
package io.github.deletionpolicy.scenario.restore;

import org.jspecify.annotations.NullMarked;
