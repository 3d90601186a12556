package io.github.deletionpolicy.clinic;

import java.util.List;

import org.springframework.data.repository.ListCrudRepository;

interface PetTypes extends ListCrudRepository<PetType, Integer> {

	List<PetType> findAllByOrderByName();

}
