/**
 * Races between a purge and somebody else, each forced by locks in both orders, and what
 * holds whoever comes first.
 */
@NullMarked
package io.github.deletionpolicy.race;

import org.jspecify.annotations.NullMarked;
